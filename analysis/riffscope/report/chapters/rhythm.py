"""Rhythm: the tempo, what else it can be counted at, how steady it is, whether it swings, the beats and the bars."""

import itertools
from collections.abc import Iterator

from riffscope import words
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.tempo import Tempo
from riffscope.report.absences import absences
from riffscope.report.blocks import Block, Column, Heading, Paragraph, Table
from riffscope.report.chapter import InFull, chapter
from riffscope.report.drawing import draw
from riffscope.report.other_tempi import MIN_WEIGHT, other_tempi, takes_in_another
from riffscope.song import SongAnalysis
from riffscope.units import BEAT_POSITION, BPM, PERCENT, clock

MEASUREMENTS = ("tempo", "beats")
# A tempo that stays this close to its middle is called steady: a band without a click keeps it less well.
STEADY_PERCENT = 1.0
# Beats that are likelier wrong than right are called uncertain, and nothing is said of their bars.
SURE_BEATS = 0.5


@chapter(place=20, shows=MEASUREMENTS)
def rhythm(song: SongAnalysis) -> Iterator[Block | InFull]:
    """Write about tempo and beats, draw the tempo of each bar, and say how to check it."""
    yield Heading(text="Rhythm")
    yield from absences(song, *MEASUREMENTS)
    found, beats = song.get(Tempo), song.get(Beats)
    text = "" if found is None else f"{_tempo_in_words(found)} {_steadiness_in_words(found)}"
    if text:
        yield Paragraph(text=text)
    if beats is None:
        return
    yield Paragraph(text=_beats_in_words(beats))
    caption = "The tempo of each bar; shaded: the 90% range of the song's tempo, where it is narrow enough to draw."
    yield from draw("tempo", song, caption=caption, alt=f"Tempo of each bar. {text}".strip())
    if beats.times_s.size:
        yield Paragraph(text=_how_to_check_beats(beats), note=True)
    yield InFull(blocks=_beats_in_full(song, found, beats))


def _beats_in_full(song: SongAnalysis, found: Tempo | None, beats: Beats) -> Iterator[Block]:
    others = [] if found is None else other_tempi(found)
    if others:
        yield Table(
            columns=(Column(heading="Can also be counted at", share=2.2), Column(heading="Likely", align="right")),
            rows=tuple((BPM.format(level.bpm), words.percent_of(level.weight_fraction)) for level in others),
        )
    caption = "How likely a beat and a downbeat are from moment to moment, with the beats that were found."
    yield from draw("beats", song, caption=caption, alt=f"Curves of beat and downbeat. {_beats_in_words(beats)}")


def _tempo_in_words(found: Tempo) -> str:
    """Say the tempo, as a choice where it can well be counted otherwise."""
    if found.given:
        range_in_words = ", as given"
    elif takes_in_another(found):
        range_in_words = ""  # nothing between the two is possible
    else:
        range_in_words = f" (90% range {words.between(found.bpm, BPM)})"
    tempo = f"The tempo is {BPM.format(found.bpm.value)}{range_in_words}"
    others = [] if found.given else other_tempi(found)
    if others:
        each = [
            BPM.number(level.bpm)
            + (f" ({words.percent_of(level.weight_fraction)} likely)" if level.weight_fraction >= MIN_WEIGHT else "")
            for level in others
        ]
        tempo += f"; it can also be counted at {words.joined(each, 'or')}"
    sentences = [f"{tempo}."]
    slowest, fastest = (pick((part.bpm.value for part in found.parts), default=0.0) for pick in (min, max))
    if fastest - slowest > BPM.same_within:  # parts of one tempo, as before and after a rest, are no change
        each = [f"{BPM.format(part.bpm.value)} from {clock(part.start_s)}" for part in found.parts]
        sentences.append(f"It changes: {words.joined(each)}.")
    return " ".join(sentences)


def _steadiness_in_words(found: Tempo) -> str:
    steady = "It is steady" if found.drift_percent <= STEADY_PERCENT else "It is not quite steady"
    part = ", within each part" if len(found.parts) > 1 else ""
    drift = f"{steady}: over eight beats it is usually within {PERCENT.format(found.drift_percent)} of that{part}."
    if found.swing_fraction is None:
        return f"{drift} Too little sounds between the beats to tell whether they swing."
    position = BEAT_POSITION.format(found.swing_fraction)
    return f"{drift} The offbeat falls at {position}, where 0.50 is straight and 0.67 a triplet swing."


def _beats_in_words(beats: Beats) -> str:
    bars = beats.times_s[beats.downbeat_index]
    counted = f"{words.count(beats.times_s.size, 'beat')} were found"
    if bars.size:
        counted += (
            f", in {words.count(bars.size, 'bar')} of {beats.beats_per_bar}, the first at {clock(bars[0], decimals=1)}"
        )
    else:
        counted += "; nothing marks where a bar begins"
    sentences = [f"{counted}."]
    if len(beats.spans) > 1:
        gaps = [f"{clock(a.end_s)} to {clock(b.start_s)}" for a, b in itertools.pairwise(beats.spans)]
        sentences.append(f"There is no beat from {words.joined(gaps)}.")
    if beats.meter_parts:
        each = [f"{part.beats_per_bar} from {clock(part.start_s)}" for part in beats.meter_parts]
        sentences.append(f"The number of beats in a bar changes: {words.joined(each)}.")
    if beats.given:
        sentences.append(f"Given by hand, not measured: {words.joined(list(beats.given))}.")
    if beats.confidence_fraction < SURE_BEATS:
        sentences.append(f"They are uncertain: {words.percent_of(beats.confidence_fraction)} sure.")
        return " ".join(sentences)
    sure = f"The beats are {words.percent_of(beats.confidence_fraction)} sure"
    if beats.bar_confidence_fraction is not None:
        sure += f", the bar lines {words.percent_of(beats.bar_confidence_fraction)}"
    sentences.append(f"{sure}.")
    return " ".join(sentences)


def _how_to_check_beats(beats: Beats) -> str:
    starts = beats.times_s[beats.downbeat_index] if beats.downbeat_index.size else beats.times_s
    start = float(starts[starts.size // 3])
    return (
        f"To check: tap along from {clock(start, decimals=1)}, where a bar should begin. Taps at half or twice the rate"
        " of the beats count the song another way."
    )
