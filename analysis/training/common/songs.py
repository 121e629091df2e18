"""Labelled songs: sets of recordings chosen on the command line, and what is known of each.

Conventions
    Times are seconds from the start of the file; keys are numbered 0..23, C major to B major, then C minor to B minor.
    A reader returns None where a song is not labelled with what it reads.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.items import Item, Spans, read_set
from riffscope.arrays import Floats, Mask
from riffscope.notes import pitch_class

WITH_PITCH = frozenset({"vocal_f0", "vocal_f0_silver"})
WITHOUT_VOICE = frozenset({"no_vocal", "negative"})
RENDERED = "riff_spans"
"""What only rendered songs are annotated with: everything about them is known exactly."""


@dataclass(frozen=True, kw_only=True)
class Song:
    """A recording and the set that it belongs to."""

    set_name: str
    item: Item

    @property
    def name(self) -> str:
        """Set and file, for people and for the names of cached files: ``mixes2/s7_000``."""
        return f"{self.set_name}/{Path(self.item.file).stem}"


def read_songs(folders: Sequence[Path], *, match: str = "", limit: int | None = None) -> list[Song]:
    """Read the songs of some sets whose files' names hold `match`, at most `limit` of each set.

    Raises
    ------
    FileNotFoundError
        A folder has no ``manifest.json``.
    """
    return [
        Song(set_name=folder.resolve().name, item=item)
        for folder in folders
        for item in itertools.islice((item for item in read_set(folder) if match in item.file), limit)
    ]


def key_of(item: Item, *, implied: bool = False) -> int | None:
    """Return the key, 0..23; None also where nothing comes round, since its tonic is only implied there.

    Parameters
    ----------
    implied : bool, optional
        Return it there, too.
    """
    if "key" not in item.kinds or not (implied or item.truth.get("riff", {"present": True})["present"]):
        return None
    key = item.truth["key"]
    tonic, mode = key.split()[:2] if isinstance(key, str) else (key["tonic"], key["mode"])
    return pitch_class(tonic) + 12 * (mode == "minor")


def tempo_of(item: Item) -> float | None:
    """Return the prevailing tempo in BPM."""
    if "tempo" not in item.kinds:
        return None
    tempo = item.truth.get("tempo") or item.truth
    return float(tempo["bpm"])


def section_starts(item: Item) -> Floats | None:
    """Return where the sections of a rendered song begin, the first one as well: (n,)."""
    if RENDERED not in item.kinds:
        return None
    sections = item.truth["sections"]
    return np.array([part[0] if isinstance(part, list) else part["start"] for part in sections], np.float64)


def section_contents(item: Item) -> list[str]:
    """Return what each section of a rendered song is made of: ``riff``, ``through``, ``vamp`` ..."""
    return [str(part["content"]) for part in item.truth["sections"] if isinstance(part, dict)]


def riff_spans(item: Item) -> Spans | None:
    """Return where the riff of a rendered song sounds; nowhere where it has none."""
    return item.truth["riff"]["spans"] if RENDERED in item.kinds else None


def other_loops(item: Item) -> Spans:
    """Return where anything else comes round, a round of chords included."""
    loops = [(loop["start"], loop["end"]) for loop in item.truth.get("other_loops", ())]
    return [*loops, *item.truth.get("chord_vamp", {}).get("spans", ())]


def range_of(item: Item) -> tuple[float, float] | None:
    """Return the 2nd and the 98th percentile of what is sung, in MIDI numbers, where they are known to the octave."""
    if item.kinds.isdisjoint({"vocal_f0", "vocal_range_silver"}) or item.kinds.isdisjoint(
        {"vocal_range", "vocal_range_silver"}
    ):
        return None
    vocal = item.truth.get("vocal") or item.truth
    return float(vocal["p2_midi"]), float(vocal["p98_midi"])


def sung_at(item: Item, times_s: Floats) -> Mask | None:
    """Tell at which of some times (n,) somebody sings: never in songs without a voice; None for speech."""
    if not item.kinds.isdisjoint(WITH_PITCH):
        known_s, pitch_hz = item.pitch()
        sung: Mask = np.interp(times_s, known_s, pitch_hz > 0) > 0.5
        return sung
    if item.kinds.isdisjoint(WITHOUT_VOICE) or "speech" in str(item.truth.get("content", item.file)):
        return None
    return np.zeros(times_s.size, np.bool_)


def layers_at(item: Item, times_s: Floats) -> dict[str, Mask] | None:
    """Tell at which of some times (n,) each kind of voice beside the lead sings: ``harmony``, ``double``, ``oohs``."""
    if "vocal_layers" not in item.kinds:
        return None
    masks = {kind: np.zeros(times_s.size, np.bool_) for kind in ("harmony", "double", "oohs")}
    for layer in item.truth["vocal"]["layers"]:
        if layer["kind"] in masks:
            masks[layer["kind"]] |= within(times_s, layer["spans"])
    return masks


def within(times_s: Floats, spans: Spans) -> Mask:
    """Tell which of some times (n,) lie in any of some spans."""
    inside = np.zeros(times_s.size, np.bool_)
    for start_s, end_s in spans:
        inside |= (times_s >= start_s) & (times_s < end_s)
    return inside


def nearest_distance(times_s: Floats, known_s: Floats) -> Floats:
    """Return how far each of some times (n,) lies from the nearest known one, in seconds; far where none is known."""
    if not known_s.size:
        return np.full(times_s.size, np.inf)
    distance: Floats = np.abs(times_s[:, None] - known_s).min(axis=1)
    return distance


def named(songs: Sequence[Song]) -> Iterator[tuple[str, Song]]:
    """Yield songs with their names, each once."""
    seen: set[str] = set()
    for song in songs:
        if song.name not in seen:
            seen.add(song.name)
            yield song.name, song
