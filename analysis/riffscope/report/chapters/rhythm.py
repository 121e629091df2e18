"""Rhythm: the tempo and its other metrical levels, how steady it is, whether it swings, the beats and the bars."""

import itertools
from collections.abc import Iterator

from riffscope import words
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.tempo import Tempo
from riffscope.report.absences import absences
from riffscope.report.blocks import Block, Column, Heading, Paragraph, Table
from riffscope.report.chapter import chapter
from riffscope.report.drawing import draw
from riffscope.report.other_tempi import other_tempi
from riffscope.song import SongAnalysis
from riffscope.units import BEAT_POSITION, BPM, PERCENT, PROBABILITY, clock

MEASUREMENTS = ("tempo", "beats")


@chapter(place=20, shows=MEASUREMENTS)
def rhythm(song: SongAnalysis) -> Iterator[Block]:
    """Write about tempo and beats, and say how to check them."""
    yield Heading(text="Rhythm", new_page=not song.verdicts)
    yield from absences(song, *MEASUREMENTS)
    found, beats = song.get(Tempo), song.get(Beats)
    if found is not None:
        yield Paragraph(text=_tempo_in_words(found))
    if beats is not None:
        yield Paragraph(text=_beats_in_words(beats))
    others = [] if found is None else other_tempi(found)
    if others:
        yield Table(
            columns=(
                Column(heading="Other metrical levels", share=2.2),
                Column(heading="Weight", align="right"),
            ),
            rows=tuple((BPM.format(level.bpm), PROBABILITY.format(level.weight_fraction)) for level in others),
        )
    if beats is not None and beats.times_s.size:
        yield Paragraph(text=_how_to_check_beats(beats), note=True)
    if beats is not None:
        caption = "The tempo of each bar, and the range of the song's tempo where that is narrow enough to shade."
        yield from draw(
            "tempo", song, caption=caption, alt=f"Tempo of each bar. {_tempo_in_words(found) if found else ''}"
        )
        caption = "How likely a beat and a downbeat are from moment to moment, and the beats that were found in that."
        yield from draw("beats", song, caption=caption, alt=f"Curves of beat and downbeat. {_beats_in_words(beats)}")


def _tempo_in_words(found: Tempo) -> str:
    parts = [
        f"The beat goes at {BPM.format(found.bpm.value)}{', as given' if found.given else ''}; nine times in ten the"
        f" true tempo lies within {words.range_of(found.bpm, BPM)}"
        f"{', which takes in another metrical level' if _reaches_another(found) else ''}.",
    ]
    if len(found.parts) > 1:
        each = [
            f"{BPM.format(part.bpm.value)} from {clock(part.start_s)} to {clock(part.end_s)}" for part in found.parts
        ]
        parts.append(f"The song has {words.count(len(each), 'part')} of its own tempo: {words.joined(each)}.")
    whose = "the tempo of its part" if len(found.parts) > 1 else "it"
    parts.append(f"Nine in ten stretches of eight beats keep within {PERCENT.format(found.drift_percent)} of {whose}.")
    if found.swing_fraction is not None:
        position = BEAT_POSITION.format(found.swing_fraction)
        parts.append(f"The offbeat falls at {position}: 0.50 is straight, 0.67 a triplet swing.")
    else:
        parts.append("Too little sounds between the beats to tell whether it swings.")
    return " ".join(parts)


def _reaches_another(found: Tempo) -> bool:
    """Tell whether the range of the tempo holds another metrical level."""
    return any(found.bpm.low <= level.bpm <= found.bpm.high for level in other_tempi(found))


def _beats_in_words(beats: Beats) -> str:
    bars = beats.times_s[beats.downbeat_index]
    counted = f"{words.count(beats.times_s.size, 'beat')} were found"
    if bars.size:
        counted += (
            f", in bars of {beats.beats_per_bar}; {words.count(bars.size, 'bar')} begin"
            f"{'s' if bars.size == 1 else ''}, the first at {clock(bars[0], decimals=1)}"
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
    sentences.append(f"Beats with such evidence are right in {words.of_hundred(beats.confidence_fraction)} songs.")
    if beats.bar_confidence_fraction is not None:
        sentences.append(f"Bar lines are right in {words.of_hundred(beats.bar_confidence_fraction)}.")
    return " ".join(sentences)


def _how_to_check_beats(beats: Beats) -> str:
    starts = beats.times_s[beats.downbeat_index] if beats.downbeat_index.size else beats.times_s
    start = float(starts[starts.size // 3])
    end = float(min(start + 10, beats.times_s[-1]))
    return (
        f"To check: tap along from {clock(start, decimals=1)}, where a bar should begin, to {clock(end)}."
        " Taps that fall between the beats, or at half or twice their rate, speak for another metrical level."
    )
