"""Libraries of a few songs of known numbers, made without audio, to put questions to."""

import dataclasses
import hashlib

from outcomes import missing
from riffscope.analyzers.key import Key
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.tempo import Tempo
from riffscope.library.index import make_index
from riffscope.library.store import Store
from riffscope.model import Estimate, Tags
from riffscope.song import SongAnalysis
from songs import example_song, with_outcomes

NO_SINGING = ("vocal_activity", "vocal_layers", "vocal_pitch", "vocal_range", "vocal_notes", "vocal_tone")


def sha_of(title: str) -> str:
    return hashlib.sha256(title.encode()).hexdigest()


def song_of(
    title: str,
    *,
    bpm: float | None = 120.0,
    doubt_bpm: float = 0.4,
    key: str | None = "C major",
    sure: float = 0.9,
    lufs: float = -12.0,
    sung: bool = True,
    year: str | None = "2015",
    artist: str | None = None,
) -> SongAnalysis:
    """Return the example song with another tempo, key and loudness; None and False for what it has not."""
    song = example_song(duration_s=10.0)
    changed = {"loudness": _with(song, Loudness, integrated_lufs=lufs)}
    if bpm is None:
        changed["tempo"] = missing("tempo", "no steady beat was found")
    else:
        found = Estimate(value=bpm, low=bpm - doubt_bpm, high=bpm + doubt_bpm)
        changed["tempo"] = _with(song, Tempo, bpm=found, alternatives_bpm=())
    if key is None:
        changed["key"] = missing("key", "no pitched sound was found")
    else:
        tonic, mode = key.split()
        changed["key"] = _with(song, Key, tonic=tonic, mode=mode, confidence_fraction=sure)
    if not sung:
        changed |= {name: missing(name, "no singing was found") for name in NO_SINGING}
    tags = Tags(title=title, artist=artist, year=year)
    source = dataclasses.replace(song.source, name=f"{title}.flac", sha256=sha_of(title), tags=tags)
    return dataclasses.replace(with_outcomes(song, changed), source=source)


def _with(song, result, **fields):
    outcome = next(one for one in song.outcomes.values() if isinstance(getattr(one, "value", None), result))
    return dataclasses.replace(outcome, value=dataclasses.replace(outcome.value, **fields))


def library_of(folder, *songs: SongAnalysis, indexed: bool = True) -> Store:
    """Keep songs in a library, and make its tables."""
    store = Store(folder)
    for song in songs:
        store.keep(song)
    if indexed:
        make_index(store)
    return store
