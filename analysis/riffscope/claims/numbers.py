"""Numbers that claims may name though no field holds them: lengths, and what sections have of the song.

Conventions: seconds from the start of the file; pitches in MIDI semitones; ranges are 90% ranges. Of several
sections of one name the number is their average, and how far they lie apart widens its range.
Source: own, from the measurements of the song.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from riffscope.analyzers.beats import Beats
from riffscope.analyzers.loops import Loops
from riffscope.analyzers.tempo import Tempo
from riffscope.analyzers.vocal_activity import VocalActivity
from riffscope.analyzers.vocal_notes import VocalNotes
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.errors import Absence, NotMeasured
from riffscope.measures import Measure, decapitalised
from riffscope.model import Estimate, Missing, Span, subtract
from riffscope.song import SongAnalysis

if TYPE_CHECKING:
    from riffscope.analyzers.section_profile import ProfiledSection

# Ends of sections are found to the downbeat; where one is off, it is by a bar as often as not. Chosen, not fitted.
ENDS_WITHIN_BARS = 1.0
# The drift of a few beats is not told: two bars of four at least. Chosen, not fitted.
MIN_BEATS = 8
# A tempo is that of the stretch of so many beats, as in `tempo`.
STRETCH_BEATS = 8
# Nine in ten stretches lie within the drift, as in `tempo`.
DRIFT_QUANTILE = 0.9
# A tempo counts in a section where it is kept for so much of it. Chosen, not fitted.
KEPT_FRACTION = 0.25
# Where the riff begins and ends is known to about a bar: so much of a section of eight. Chosen, not fitted.
RIFF_UNSURE = 0.1
# The middle of the singing of a section is known to within a semitone, and moves of fewer than so many notes say
# nothing of the steps of a melody. Chosen, not fitted.
MEDIAN_UNSURE, MIN_MOVES = 1.0, 8
STEP_SEMITONES = 2
# The share that is sung is known so closely: of 35 rendered songs for nine in ten.
SUNG_UNSURE = 0.12
# Errors are normal, and nine in ten lie within so many standard deviations.
SIGMAS = 1.645


def read_number(song: SongAnalysis, measure: Measure) -> Estimate | None:
    """Read a number of the song as a whole; None where a measurement's own field says all that is known of it.

    Raises
    ------
    NotMeasured
        What it is taken from is missing.
    """
    read = _OF_SONGS.get(measure.path)
    return None if read is None else read(song)


def read_number_of_sections(
    song: SongAnalysis, measure: Measure, sections: "Sequence[ProfiledSection]"
) -> Estimate | None:
    """Read a number of some sections; None where it is one of the section profile's own.

    Raises
    ------
    NotMeasured
        What it is taken from is missing, or none of the sections has it.
    """
    read = _OF_SECTIONS.get(measure.path)
    if read is None:
        return None
    found = [one for section in sections if (one := read(song, section)) is not None]
    if not found:
        raise NotMeasured(
            measure.path, Absence.TOO_LITTLE, f"the {decapitalised(measure.label)} could not be measured there"
        )
    return _mean(found)


def _mean(found: Sequence[Estimate]) -> Estimate:
    """Return the mean of estimates; how far they lie apart widens its range."""
    count = len(found)
    values = np.array([one.value for one in found])
    spread = SIGMAS * float(np.std(values, ddof=1)) / math.sqrt(count) if count > 1 else 0.0
    mean = float(values.mean())
    down = math.hypot(*(one.value - one.low for one in found)) / count
    up = math.hypot(*(one.high - one.value for one in found)) / count
    return Estimate(value=mean, low=mean - math.hypot(down, spread), high=mean + math.hypot(up, spread))


# -------------------------------------------------------------------------------------------------------- of the song
def _duration(song: SongAnalysis) -> Estimate:
    return _exactly(song.source.duration_s)


def _sung_fraction(song: SongAnalysis) -> Estimate:
    """Return which share of the song is sung."""
    return _share(song[VocalActivity].sung_fraction, SUNG_UNSURE)


def _lowest_note(song: SongAnalysis) -> Estimate:
    """Return the lowest note: the second percentile of sung time, and down to what is held for a moment."""
    sung = song[VocalRange]
    found, held = sung.lowest_midi, sung.lowest_sustained
    return found if held is None else Estimate(low=min(found.low, held.midi), value=found.value, high=found.high)


def _highest_note(song: SongAnalysis) -> Estimate:
    """Return the highest note: the 98th percentile of sung time, and up to what is held for a moment."""
    sung = song[VocalRange]
    found, held = sung.highest_midi, sung.highest_sustained
    return found if held is None else Estimate(low=found.low, value=found.value, high=max(found.high, held.midi))


# ---------------------------------------------------------------------------------------------------------- of sections
def _length_s(song: SongAnalysis, section: "ProfiledSection") -> Estimate:
    """Return how long a section lasts, to a bar either way."""
    bar_s = _bar_s(song)
    lasts_s = section.span.duration_s
    return _give_or_take(lasts_s, min(ENDS_WITHIN_BARS * bar_s, lasts_s))


def _length_bars(song: SongAnalysis, section: "ProfiledSection") -> Estimate:
    """Count the bars of a section: those that begin in it, where a beat's half counts as in it."""
    beats = song[Beats]
    if not beats.downbeat_index.size:
        raise NotMeasured("beats.bars", Absence.NO_BEAT, "no downbeats were found")
    bar_s = _bar_s(song)
    downbeats_s = beats.times_s[beats.downbeat_index]
    early_s = bar_s / (2 * beats.counted_per_bar)
    bars = int(np.sum((downbeats_s >= section.start_s - early_s) & (downbeats_s < section.end_s - early_s)))
    bars = max(bars, round(section.span.duration_s / bar_s))
    return _give_or_take(float(bars), min(ENDS_WITHIN_BARS, float(bars)))


def _bar_s(song: SongAnalysis) -> float:
    """Return how long a bar lasts: two seconds where there is no beat."""
    beats = song.get(Beats)
    if beats is None or beats.times_s.size < 2:
        return 2.0
    return beats.counted_per_bar * float(np.median(np.diff(beats.times_s)))


def _tempo(song: SongAnalysis, section: "ProfiledSection") -> Estimate | None:
    """Return the tempo of the parts that a section is in; from the slowest to the fastest where there are several."""
    tempo = song[Tempo]
    if len(tempo.parts) < 2:
        return tempo.bpm
    lasts_s = section.span.duration_s
    within = {part.bpm: _overlap_s(section, part) for part in tempo.parts}
    found = [bpm for bpm, kept_s in within.items() if kept_s >= KEPT_FRACTION * lasts_s]
    if not found:
        return None
    longest = max(found, key=lambda bpm: within[bpm])
    return Estimate(value=longest.value, low=min(bpm.low for bpm in found), high=max(bpm.high for bpm in found))


def _drift(song: SongAnalysis, section: "ProfiledSection") -> Estimate | None:
    """Return within how many percent of its usual tempo nine in ten stretches of eight beats of a section stay."""
    beats = song[Beats]
    inside = beats.times_s[(beats.times_s >= section.start_s) & (beats.times_s < section.end_s)]
    if inside.size < MIN_BEATS + STRETCH_BEATS:
        return None
    stretches_s = inside[STRETCH_BEATS:] - inside[:-STRETCH_BEATS]
    strays = np.abs(np.median(stretches_s) / stretches_s - 1)
    return _exactly(100 * float(np.quantile(strays, DRIFT_QUANTILE)))


def _riff_share(song: SongAnalysis, section: "ProfiledSection") -> Estimate:
    """Return the share of a section with the riff; nothing where the song has none."""
    match song.outcomes.get("loops"):
        case Missing(code=Absence.NO_RIFF):
            return _exactly(0.0)
    share = sum(_overlap_s(section, span) for span in song[Loops].spans) / section.span.duration_s
    return _share(min(share, 1.0), RIFF_UNSURE)


def _span(_song: SongAnalysis, section: "ProfiledSection") -> Estimate | None:
    """Return how far the highest sung note of a section lies above its lowest."""
    lowest, highest = section.estimate("lowest_midi"), section.estimate("highest_midi")
    return None if lowest is None or highest is None else subtract(lowest, highest)


def _median_pitch(song: SongAnalysis, section: "ProfiledSection") -> Estimate | None:
    """Return the median of what is sung in a section, where a lowest note was found."""
    if section.lowest_midi is None:
        return None
    pitch = song[VocalPitch]
    inside = pitch.midi[(pitch.times_s >= section.start_s) & (pitch.times_s < section.end_s)]
    inside = inside[np.isfinite(inside)]
    return _give_or_take(float(np.median(inside)), MEDIAN_UNSURE) if inside.size else None


def _stepwise(song: SongAnalysis, section: "ProfiledSection") -> Estimate | None:
    """Return the share of the moves from note to note in a section that are of two semitones at most."""
    inside = [note.midi for note in song[VocalNotes].notes if section.start_s <= note.start_s < section.end_s]
    moves = np.abs(np.diff(inside))
    moves = moves[moves > 0]
    if moves.size < MIN_MOVES:
        return None
    share = float(np.mean(moves <= STEP_SEMITONES))
    whole = song[VocalRange].stepwise_fraction
    doubt = 0.0 if whole is None else (whole.high - whole.low) / 2
    return _share(share, math.hypot(doubt, 1 / math.sqrt(moves.size) / 2))


def _overlap_s(section: "ProfiledSection", other: Span | object) -> float:
    """Return how long something with a start and an end sounds in a section."""
    start_s: float = getattr(other, "start_s")  # noqa: B009 - spans, and parts of tempo or key
    end_s: float = getattr(other, "end_s")  # noqa: B009
    return max(0.0, min(section.end_s, end_s) - max(section.start_s, start_s))


def _exactly(number: float) -> Estimate:
    return Estimate(value=number, low=number, high=number)


def _give_or_take(number: float, within: float) -> Estimate:
    return Estimate(value=number, low=number - within, high=number + within)


def _share(share: float, within: float) -> Estimate:
    return Estimate(value=share, low=max(0.0, share - within), high=min(1.0, share + within))


_OF_SONGS: Mapping[str, Callable[[SongAnalysis], Estimate]] = {
    "source.duration_s": _duration,
    "vocal_activity.sung_fraction": _sung_fraction,
    "vocal_range.lowest_note_midi": _lowest_note,
    "vocal_range.highest_note_midi": _highest_note,
}
_OF_SECTIONS: Mapping[str, Callable[[SongAnalysis, "ProfiledSection"], Estimate | None]] = {
    "source.duration_s": _length_s,
    "beats.bars": _length_bars,
    "tempo.bpm": _tempo,
    "tempo.drift_percent": _drift,
    "loops.coverage_fraction": _riff_share,
    "vocal_range.span_semitones": _span,
    "vocal_range.median_midi": _median_pitch,
    "vocal_range.stepwise_fraction": _stepwise,
}
