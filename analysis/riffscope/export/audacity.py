"""Audacity: label tracks to look at beside the waveform (File > Import > Labels)."""

from collections.abc import Iterable
from pathlib import Path

from riffscope.analyzers.beats import Beats
from riffscope.analyzers.chords import Chords
from riffscope.analyzers.key import Key
from riffscope.analyzers.loops import Loops
from riffscope.analyzers.structure import Structure
from riffscope.analyzers.vocal_activity import VocalActivity
from riffscope.chord_names import written
from riffscope.errors import Absence, CannotMeasure, one_line
from riffscope.export.bars import bar_positions
from riffscope.export.song_files import write_song_files
from riffscope.song import SongAnalysis
from riffscope.steps import export
from riffscope.versions.melody import sung_melody

Label = tuple[float, float, str]
"""Start and end in seconds, the same for a point, and the text."""


@export
def audacity(song: SongAnalysis, *, folder: Path) -> list[Path]:
    """Write a file of labels each for beats, bars, sections, keys, chords, riff, voice, notes: ``NAME.beats.txt`` ...

    Raises
    ------
    CannotMeasure
        None of these was found.
    """
    kinds = {
        "beats": _beats(song),
        "bars": _bars(song),
        "sections": _sections(song),
        "keys": _keys(song),
        "chords": _chords(song),
        "riff": _riff(song),
        "sung": _sung(song),
        "notes": _notes(song),
    }
    found = {kind: labels for kind, labels in kinds.items() if labels}
    if not found:
        raise CannotMeasure(Absence.EMPTY, f"there is nothing to label: no {', no '.join(kinds)}")
    return write_song_files(song.source, folder, {f"{kind}.txt": _encode(labels) for kind, labels in found.items()})


def _encode(labels: Iterable[Label]) -> bytes:
    """Write start, end and text with tabs between, a label a line. Texts hold neither tabs nor line ends."""
    lines = (f"{start_s:.6f}\t{end_s:.6f}\t{one_line(text)}\n" for start_s, end_s, text in labels)
    return "".join(lines).encode()


def _beats(song: SongAnalysis) -> list[Label]:
    if (beats := song.get(Beats)) is None:
        return []
    _, place = bar_positions(beats)
    return [(time_s, time_s, str(n)) for time_s, n in zip(beats.times_s.tolist(), place.tolist(), strict=True)]


def _bars(song: SongAnalysis) -> list[Label]:
    if (beats := song.get(Beats)) is None:
        return []
    return [(time_s, time_s, str(bar)) for bar, time_s in enumerate(beats.times_s[beats.downbeat_index].tolist(), 1)]


def _sections(song: SongAnalysis) -> list[Label]:
    structure = song.get(Structure)
    return [] if structure is None else [(s.start_s, s.end_s, s.name) for s in structure.sections]


def _keys(song: SongAnalysis) -> list[Label]:
    key = song.get(Key)
    return [] if key is None else [(part.start_s, part.end_s, part.label) for part in key.parts]


def _chords(song: SongAnalysis) -> list[Label]:
    spelling, chords = song.spelling, song.get(Chords)
    return [] if chords is None else [(s.start_s, s.end_s, written(s.label, spelling)) for s in chords.spans]


def _riff(song: SongAnalysis) -> list[Label]:
    """Label each pass of the riff, and the spans of other loops."""
    if (loops := song.get(Loops)) is None:
        return []
    labels: list[Label] = [(one.start_s, one.end_s, f"{loops.kind} {n}") for n, one in enumerate(loops.riff_passes, 1)]
    labels += [(s.start_s, s.end_s, f"loop {n}") for n, other in enumerate(loops.others, 2) for s in other.spans]
    return sorted(labels)


def _sung(song: SongAnalysis) -> list[Label]:
    activity = song.get(VocalActivity)
    return [] if activity is None else [(span.start_s, span.end_s, "sung") for span in activity.spans]


def _notes(song: SongAnalysis) -> list[Label]:
    spelling = song.spelling
    return [(note.start_s, note.end_s, spelling.note(note.midi)) for note in sung_melody(song)]
