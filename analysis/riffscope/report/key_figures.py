"""The numbers that readers ask for first, each with its unit, its range and its place among other songs.

The report of a song shows `key_figures` on its first page; that of a comparison sets them and `further_key_figures`
side by side.
"""

import dataclasses
from collections.abc import Callable, Iterator
from typing import TypeVar

from riffscope import words
from riffscope.analyzers.balance import Balance
from riffscope.analyzers.density import Density
from riffscope.analyzers.key import CERTAIN_ENOUGH, Key
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.stereo import Stereo
from riffscope.analyzers.tempo import Tempo
from riffscope.analyzers.vocal_activity import VocalActivity
from riffscope.analyzers.vocal_layers import VocalLayers
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.analyzers.vocal_tone import VocalTone
from riffscope.measures import measure_of, read_measure
from riffscope.model import Measured, snake_case
from riffscope.notes import Spelling
from riffscope.reference.table import published
from riffscope.report.absences import why_missing_briefly
from riffscope.report.blocks import KeyFigure, Place
from riffscope.report.other_tempi import other_tempi, takes_in_another
from riffscope.song import SongAnalysis
from riffscope.units import BPM, DBTP, FRACTION, LU, LUFS, PER_SECOND, SEMITONES, clock

T = TypeVar("T")

# The published tempi are counted between these.
FOLDED_BPM = (80.0, 160.0)


def key_figures(song: SongAnalysis) -> Iterator[KeyFigure | None]:
    """The numbers that most readers ask for first."""
    spelling = song.spelling
    yield _key_figure(song, Tempo, "Tempo", _tempo_figure, measure="tempo.bpm")
    yield _key_figure(
        song,
        VocalRange,
        "Vocal range",
        lambda found: _range_figure(found, spelling),
        measure="vocal_range.span_semitones",
    )
    yield _key_figure(
        song,
        VocalRange,
        "Tessitura (middle 80%)",
        lambda found: _tessitura_figure(found, spelling),
        measure="vocal_range.tessitura_semitones",
    )
    yield _key_figure(song, VocalActivity, "Sung", _sung_figure)
    yield _key_figure(song, Loudness, "Loudness", _loudness_figure)
    yield _key_figure(song, Loudness, "Peak to loudness", _dynamics_figure)
    yield _key_figure(song, Key, "Key", _key_name_figure)
    yield _key_figure(song, Balance, "Bass, 20–100 Hz", _bass_figure)


def further_key_figures(song: SongAnalysis) -> Iterator[KeyFigure | None]:
    """More numbers in the same form, for which a table has room."""
    yield _key_figure(song, VocalLayers, "More than one voice", _layers_figure)
    yield _key_figure(song, VocalTone, "Voice against accompaniment", _forwardness_figure)
    yield _key_figure(song, Stereo, "Stereo width", _width_figure)
    yield _key_figure(song, Density, "Onset rate", _onsets_figure)


def _key_figure(
    song: SongAnalysis, result: type[T], label: str, make: Callable[[T], KeyFigure], *, measure: str = ""
) -> KeyFigure | None:
    """Write a key figure, and where its measure stands among other songs, where that was published."""
    name = snake_case(result.__name__)
    if name not in song.outcomes:
        return None
    outcome = song.outcomes[name]
    if not isinstance(outcome, Measured):
        return KeyFigure(label=label, value="", note=why_missing_briefly(outcome))
    return dataclasses.replace(make(song[result]), label=label, place=_place(song, measure))


def _place(song: SongAnalysis, path: str) -> Place | None:
    reference = next((one for one in published().values() if path in one.measures), None)
    if reference is None:
        return None
    found = read_measure(song, path)
    if path == "tempo.bpm" and not FOLDED_BPM[0] <= found.value < FOLDED_BPM[1]:
        return None  # its tempi were counted within an octave
    place = reference.place(found)
    text = reference.place_in_words(reference.alike(found.value), measure_of(path))
    return Place(percent=place.value, low=place.low, high=place.high, text=text)


def _tempo_figure(found: Tempo) -> KeyFigure:
    others = [BPM.number(level.bpm) for level in other_tempi(found)[:2]]
    return KeyFigure(
        label="",
        value=BPM.number(found.bpm.value),
        unit=BPM.symbol,
        # Where it takes in another metrical level, nothing between the two is possible.
        range="" if takes_in_another(found) else f"90% range {words.between(found.bpm, BPM)}",
        note=f"or counted at {words.joined(others, 'or')}" if others else "",
    )


def _range_figure(found: VocalRange, spelling: Spelling) -> KeyFigure:
    low, high = (spelling.print(end.value) for end in (found.lowest_midi, found.highest_midi))
    return KeyFigure(
        label="",
        value=SEMITONES.number(found.span_semitones.value),
        unit=SEMITONES.symbol,
        range=f"90% range {words.between(found.span_semitones, SEMITONES)}",
        note=f"{low} to {high}",
    )


def _tessitura_figure(found: VocalRange, spelling: Spelling) -> KeyFigure:
    low, high = (spelling.print(end) for end in (found.tessitura_low_midi, found.tessitura_high_midi))
    return KeyFigure(
        label="",
        value=f"{low}–{high}",
        note=f"{SEMITONES.format(found.tessitura_semitones)}, median {spelling.print(found.median_midi)}",
    )


def _sung_figure(found: VocalActivity) -> KeyFigure:
    first = f", the first at {clock(found.spans[0].start_s)}" if found.spans else ""
    return KeyFigure(
        label="",
        value=FRACTION.format(found.sung_fraction),
        unit="of the song",
        note=f"{words.count(len(found.spans), 'segment')}{first}",
    )


def _loudness_figure(found: Loudness) -> KeyFigure:
    return KeyFigure(
        label="",
        value=LUFS.number(found.integrated_lufs),
        unit=LUFS.symbol,
        note=f"true peak {DBTP.format(found.true_peak_dbtp, signed=True)}",
    )


def _dynamics_figure(found: Loudness) -> KeyFigure:
    spread = "" if found.range_lu is None else f"loudness range {LU.format(found.range_lu)}"
    return KeyFigure(label="", value=LU.number(found.plr_lu), unit=LU.symbol, note=spread)


def _key_name_figure(found: Key) -> KeyFigure:
    named, other = found.name.in_words, found.runner_up.in_words
    likely = words.percent_of(found.confidence_fraction)
    if len(found.parts) > 1:
        return KeyFigure(label="", value=named, note=f"in its longest part of {len(found.parts)}, {likely} likely")
    if found.confidence_fraction < CERTAIN_ENOUGH:
        return KeyFigure(label="", value=f"{named} or {other}", note=f"{named} is {likely} likely")
    return KeyFigure(label="", value=named, note=f"{likely} likely; next best: {other}")


def _bass_figure(found: Balance) -> KeyFigure:
    return KeyFigure(
        label="",
        value=LU.number(found.bass_lu, signed=True),
        unit=LU.symbol,
        note="against the whole song",
    )


def _layers_figure(found: VocalLayers) -> KeyFigure:
    layered = found.layered_fraction
    return KeyFigure(
        label="",
        value=FRACTION.format(layered.value),
        unit="of sung time",
        range=f"90% range {words.between(layered, FRACTION)}",
        note=found.kind,
    )


def _forwardness_figure(found: VocalTone) -> KeyFigure:
    forward = found.forwardness_lu
    value = LU.number(forward.value, signed=True)
    return KeyFigure(label="", value=value, unit=LU.symbol, range=f"90% range {words.between(forward, LU)}")


def _width_figure(found: Stereo) -> KeyFigure:
    return KeyFigure(label="", value=FRACTION.format(found.width_fraction), note="0% is mono")


def _onsets_figure(found: Density) -> KeyFigure:
    onsets = found.onsets_per_s
    return KeyFigure(
        label="",
        value=PER_SECOND.number(onsets.value),
        unit=PER_SECOND.symbol,
        range=f"90% range {words.between(onsets, PER_SECOND)}",
    )
