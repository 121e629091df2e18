"""The report of one song: what its pages say and in which order."""

import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np

from riffscope import plots, words
from riffscope.analyzers.balance import Balance
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.density import BAND_EDGES_HZ, Density
from riffscope.analyzers.key import Key
from riffscope.analyzers.loops import Loops, bars_in_words
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.stereo import Stereo
from riffscope.analyzers.structure import Structure
from riffscope.analyzers.tempo import MetricalLevel, Tempo
from riffscope.analyzers.vocal_activity import VocalActivity
from riffscope.analyzers.vocal_layers import VocalLayers
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.analyzers.vocal_tone import VocalTone
from riffscope.errors import NotMeasured
from riffscope.measures import all_measures, field_in_words, in_words, read_measure, topic_of
from riffscope.model import (
    Estimate,
    Evidence,
    Failed,
    Measured,
    Missing,
    Outcome,
    Ruling,
    Source,
    Verdict,
    fields_of,
    snake_case,
)
from riffscope.notes import Spelling, music_type
from riffscope.plots.balance import hertz
from riffscope.plots.style import Drawing
from riffscope.reference.table import published
from riffscope.report.blocks import (
    Block,
    Column,
    Document,
    Fact,
    Facts,
    Figure,
    Heading,
    KeyFigure,
    KeyFigures,
    Notice,
    Paragraph,
    Passage,
    Place,
    Table,
    TimeAxis,
    VerdictItem,
    VerdictList,
)
from riffscope.report.methods import Method, method_of, methods_behind
from riffscope.song import SongAnalysis, why_missing
from riffscope.units import (
    BANDS,
    BEAT_POSITION,
    BPM,
    CENTS,
    CORRELATION,
    DB,
    DB_PER_OCTAVE,
    DBFS,
    DBTP,
    FRACTION,
    HZ,
    LU,
    LUFS,
    MIDI,
    PER_SECOND,
    PERCENT,
    PROBABILITY,
    SECONDS,
    SEMITONES,
    Unit,
    clock,
)

T = TypeVar("T")

# The peak that streaming services ask masters to stay under, so that their encoders have room (AES TD1008).
MAX_PEAK_DBTP = -1.0
# Halfway between a clear voice (-25 dB) and a breathy one (-10 dB), a large hall (15 dB) and a dry room (30 dB).
CLEAR_OR_BREATHY_DB, HALL_OR_DRY_DB = -17.5, 22.5
# A voice this far above its backing is as good as alone.
ALONE_LU = 30.0
# The first page holds so many lines above the key figures and the timeline; how long each kind of line is in letters,
# and how high against a line of text.
ROOM_LINES = 19.0
TITLE_LETTERS, TEXT_LETTERS, REASON_LETTERS = 40, 85, 120
TITLE_LINES, REASON_LINES, NOTICE_LINES = 2.0, 0.75, 2.2
# The published tempi are counted between these.
FOLDED_BPM = (80.0, 160.0)
# A share whose range is wider than this says little.
WIDEST_RANGE_FRACTION = 0.5
# Less than this speaks for a way to count the beat that nobody would choose.
MIN_WEIGHT = 0.01


def song_document(song: SongAnalysis) -> Document:
    """Write the report of one song as a document."""
    blocks = [
        *_at_a_glance(song),
        *_claims(song),
        *_rhythm(song),
        *_riff(song),
        *_voice(song),
        *_loudness_and_density(song),
        *_key_balance_and_stereo(song),
        *_all_measurements(song),
        *_methods(song),
        *_provenance(song),
    ]
    source = song.source
    return tidy(
        Document(
            title=words.plain(source.title, words.MAX_TITLE_LETTERS) or "Untitled",
            subtitle=words.plain(source.tags.artist or "", words.MAX_TITLE_LETTERS),
            details=details(song),
            name=source.name.rpartition(".")[0] or source.name,
            made_by=f"riffscope {song.made_by.get('riffscope', '')}".strip(),
            blocks=tuple(blocks),
            loop=_riff_to_loop(song),
            bar_starts_s=_bar_starts_s(song),
        )
    )


def details(song: SongAnalysis) -> str:
    """Say in one line what was measured: file, album, length and format."""
    source = song.source
    tags = source.tags
    parts = [
        source.name if tags.title else "",
        ", ".join(part for part in (tags.album, tags.year) if part),
        clock(source.duration_s),
        source.codec,
        f"{source.sample_rate_hz / 1000:g} kHz",
        source.layout,
    ]
    return " · ".join(part for part in parts if part)


def tidy(document: Document) -> Document:
    """Make every text in a document fit to be set; drawings are left alone."""

    def clean(content: Any, field: str = "") -> Any:
        if isinstance(content, str):
            return content if field == "svg" or type(content) is not str else words.plain(content)
        if isinstance(content, tuple):
            return tuple(clean(part) for part in content)
        if dataclasses.is_dataclass(content) and not isinstance(content, type):
            return dataclasses.replace(
                content, **{f.name: clean(getattr(content, f.name), f.name) for f in dataclasses.fields(content)}
            )
        return content

    cleaned: Document = clean(document)
    return cleaned


def draw(name: str, subject: Any, *, caption: str, alt: str, **options: Any) -> Iterator[Block]:
    """Draw a figure of `riffscope.plots` from a song, several, or their comparison; or say why it is not there."""
    try:
        figure = getattr(plots, name)(subject, **options)
        yield Figure(svg=plots.to_svg(figure), caption=caption, alt=alt, time_axes=tuple(time_axes(figure)))
    except NotMeasured as why:
        yield Notice(text=f"No drawing: {str(why).partition(': ')[2]}.")


def time_axes(figure: Drawing) -> Iterator[TimeAxis]:
    """Return where in a figure time runs."""
    for strip in figure.strips:
        place = strip.place()
        yield TimeAxis(left=place.x0, top=1 - place.y1, width=place.width, height=place.height, edges_s=strip.edges_s)


# ----------------------------------------------------------------------------------------------------- what is played
def _riff_to_loop(song: SongAnalysis) -> Passage | None:
    """Return the cleanest pass of the riff, named for a button."""
    found = song.get(Loops)
    if found is None or not found.example.duration_s:
        return None
    detail = f"{bars_in_words(found.period_bars)}, {clock(found.example.start_s)}"
    return Passage(span=found.example, label="Loop the riff", detail=detail)


def _bar_starts_s(song: SongAnalysis) -> tuple[float, ...]:
    beats = song.get(Beats)
    return () if beats is None else tuple(beats.times_s[beats.downbeat_index].round(3).tolist())


# -------------------------------------------------------------------------------------------------------- at a glance
def _at_a_glance(song: SongAnalysis) -> Iterator[Block]:
    if song.source.status == "partial":
        yield Notice(
            text="Only part of the file could be decoded; everything here describes that part.", kind="warning"
        )
    for warning in song.source.warnings:
        yield Notice(text=words.sentence(warning), kind="warning")
    if song.verdicts:
        brief, full = (tuple(verdicts_at_a_glance(song.verdicts, reasons=reasons)) for reasons in (False, True))
        yield VerdictList(verdicts=full if _lines_of(song.source, full) <= ROOM_LINES else brief)
    figures = tuple(figure for figure in key_figures(song) if figure is not None)
    if figures:
        yield KeyFigures(figures=figures)
    caption = "The song from beginning to end; every panel shares the time axis."
    alt = f"Timeline of the song. {_timeline_in_words(song)}"
    yield from draw("timeline", song, caption=caption, alt=alt, compact=bool(song.verdicts))


def _lines_of(source: Source, verdicts: Sequence[VerdictItem]) -> float:
    """Say how many lines the first page has above its key figures."""
    notices = len(source.warnings) + (source.status == "partial")
    lines = NOTICE_LINES * notices + TITLE_LINES * (math.ceil(len(source.title) / TITLE_LETTERS) - 1)
    for item in verdicts:
        lines += math.ceil(len(item.text) / TEXT_LETTERS) + REASON_LINES * math.ceil(len(item.because) / REASON_LETTERS)
    return lines


def verdicts_at_a_glance(verdicts: Sequence[Verdict], *, reasons: bool) -> Iterator[VerdictItem]:
    """Write what is decided, with its reason where wanted, and the rest by ruling."""
    decided = [verdict for verdict in verdicts if verdict.ruling in {Ruling.SUPPORTED, Ruling.REFUTED}]
    for verdict in decided:
        because = words.sentence(verdict.because) if reasons else ""
        yield VerdictItem(text=verdict.text, ruling=verdict.ruling, because=because)
    for ruling in (Ruling.INCONCLUSIVE, Ruling.NOT_TESTABLE):
        texts = [verdict.text for verdict in verdicts if verdict.ruling is ruling]
        if texts:
            yield VerdictItem(text=" · ".join(texts), ruling=ruling, because="")


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
        "Middle 80% of singing",
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
    yield _key_figure(song, VocalTone, "Voice against backing", _forwardness_figure)
    yield _key_figure(song, Stereo, "Stereo width", _width_figure)
    yield _key_figure(song, Density, "Onset rate", _onsets_figure)


def _key_figure(
    song: SongAnalysis, result: type[T], label: str, make: Callable[[T], KeyFigure], *, measure: str = ""
) -> KeyFigure | None:
    """Write a key figure, and where its measure stands among other songs, where that was published."""
    name = snake_case(result.__name__)
    if name not in song.outcomes:
        return None
    found = song.get(result)
    if found is None:
        return KeyFigure(label=label, value="", note=_briefly(song.outcomes[name]))
    return dataclasses.replace(make(found), label=label, place=_place(song, measure))


def _place(song: SongAnalysis, path: str) -> Place | None:
    reference = next((one for one in published().values() if path in one.measures), None)
    if reference is None:
        return None
    found = read_measure(song, path)
    if path == "tempo.bpm" and not FOLDED_BPM[0] <= found.value < FOLDED_BPM[1]:
        return None  # its tempi were counted within an octave
    # What was read otherwise may be lower by so much than what riffscope would have measured.
    ends = (found.low - reference.reads_lower_by, found.value, found.high)
    lowest, place, highest = (reference.percentile(number) for number in ends)
    share = f"above {place.value:.0f}%"
    if place.low == 0:
        share = f"below {100 - place.high:.0f}%"
    elif place.high == 100:
        share = f"above {place.low:.0f}%"
    return Place(
        percent=place.value,
        low=lowest.low,
        high=highest.high,
        text=f"{share} of {reference.about}",
    )


def _tempo_figure(found: Tempo) -> KeyFigure:
    others = [BPM.number(level.bpm) for level in _likely(found)[:2]]
    return KeyFigure(
        label="",
        value=BPM.number(found.bpm.value),
        unit=BPM.symbol,
        range=words.range_of(found.bpm, BPM),
        note=f"may also be counted at {words.joined(others, 'or')}" if others else "",
    )


def _likely(found: Tempo) -> list[MetricalLevel]:
    """Return the other ways to count for which anything speaks."""
    return [level for level in found.alternatives_bpm if level.weight_fraction >= MIN_WEIGHT]


def _range_figure(found: VocalRange, spelling: Spelling) -> KeyFigure:
    low, high = (spelling.print(end.value) for end in (found.lowest_midi, found.highest_midi))
    return KeyFigure(
        label="",
        value=SEMITONES.number(found.span_semitones.value),
        unit=SEMITONES.symbol,
        range=words.range_of(found.span_semitones, SEMITONES),
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
        note=f"{words.count(len(found.spans), 'stretch')}{first}",
    )


def _loudness_figure(found: Loudness) -> KeyFigure:
    return KeyFigure(
        label="",
        value=LUFS.number(found.integrated_lufs),
        unit=LUFS.symbol,
        note=f"true peak {DBTP.format(found.true_peak_dbtp)}",
    )


def _dynamics_figure(found: Loudness) -> KeyFigure:
    spread = "" if found.range_lu is None else f"loudness range {LU.format(found.range_lu)}"
    return KeyFigure(label="", value=LU.number(found.plr_lu), unit=LU.symbol, note=spread)


def _key_name_figure(found: Key) -> KeyFigure:
    other = f"{music_type(found.runner_up.tonic)} {found.runner_up.mode}"
    return KeyFigure(
        label="",
        value=f"{music_type(found.tonic)} {found.mode}",
        note=f"right in {words.of_hundred(found.confidence_fraction)} such songs; else likeliest {other}",
    )


def _bass_figure(found: Balance) -> KeyFigure:
    return KeyFigure(
        label="",
        value=LU.number(found.bass_lu, signed=True),
        unit=LU.symbol,
        note="against the loudness of the whole song",
    )


def _layers_figure(found: VocalLayers) -> KeyFigure:
    layered = found.layered_fraction
    return KeyFigure(
        label="",
        value=FRACTION.format(layered.value),
        unit="of sung time",
        range=words.range_of(layered, FRACTION),
        note=found.kind,
    )


def _forwardness_figure(found: VocalTone) -> KeyFigure:
    forward = found.forwardness_lu
    value = LU.number(forward.value, signed=True)
    return KeyFigure(label="", value=value, unit=LU.symbol, range=words.range_of(forward, LU))


def _width_figure(found: Stereo) -> KeyFigure:
    return KeyFigure(label="", value=FRACTION.format(found.width_fraction), note="0% is mono")


def _onsets_figure(found: Density) -> KeyFigure:
    return KeyFigure(label="", value=PER_SECOND.number(found.onsets_per_s), unit=PER_SECOND.symbol)


def _timeline_in_words(song: SongAnalysis) -> str:
    parts = [f"It lasts {clock(song.source.duration_s)}."]
    activity, loudness = song.get(VocalActivity), song.get(Loudness)
    if activity is not None:
        parts.append(f"Someone sings for {FRACTION.format(activity.sung_fraction)} of it.")
    if loudness is not None:
        parts.append(f"Its integrated loudness is {LUFS.format(loudness.integrated_lufs)}.")
    structure = song.get(Structure)
    if structure is not None:
        parts.append(f"Its sections: {' '.join(section.label for section in structure.sections)}.")
    return " ".join(parts)


# ------------------------------------------------------------------------------------------------------------- claims
def _claims(song: SongAnalysis) -> Iterator[Block]:
    if not song.verdicts:
        return
    yield Heading(text="The claims", new_page=True)
    yield Paragraph(
        text="Each claim is tried against the measurements. It is inconclusive where the range of a number straddles"
        " the limit, and not testable where sound alone cannot tell.",
        note=True,
    )
    yield VerdictList(verdicts=tuple(verdict_item(verdict) for verdict in song.verdicts))


def verdict_item(verdict: Verdict) -> VerdictItem:
    """Write a verdict with what it rests on."""
    return VerdictItem(
        text=verdict.text,
        ruling=verdict.ruling,
        because=words.sentence(verdict.because),
        evidence=tuple(line for evidence in verdict.evidence if (line := _evidence(evidence, verdict.because))),
        caveats=tuple(words.sentence(caveat) for caveat in verdict.caveats),
    )


def _evidence(evidence: Evidence, because: str) -> str:
    """Write what a verdict rests on, but for the numbers that its sentence already gives; may be empty."""
    unit = next((measure.unit for measure in all_measures() if measure.path == evidence.measure), None)
    unit = unit or Unit(evidence.unit, 2, 0.0)
    parts = []
    if evidence.value is not None and unit.format(evidence.value) not in because:
        parts.append(unit.format(evidence.value))
        if evidence.low is not None and evidence.high is not None and evidence.low < evidence.high:
            parts.append(f"range {unit.number(evidence.low)} to {unit.format(evidence.high)}")
        if evidence.limit is not None:
            parts.append(f"limit {unit.format(evidence.limit)}")
    if evidence.percentile is not None:
        parts.append(f"percentile {evidence.percentile:.0f} of {evidence.reference or 'the reference'}")
    if evidence.spans:
        more = len(evidence.spans) - 3
        heard = [words.span(span) for span in evidence.spans[:3]]
        parts.append(f"listen at {', '.join(heard)}{f' and {more} more' if more > 0 else ''}")
    return f"{topic_of(evidence.label)}: {'; '.join(parts)}" if parts else ""


# ------------------------------------------------------------------------------------------------------------- rhythm
def _rhythm(song: SongAnalysis) -> Iterator[Block]:
    if not {"tempo", "beats"} & set(song.outcomes):
        return
    yield Heading(text="Rhythm", new_page=not song.verdicts)
    yield from _missing_here(song, "tempo", "beats")
    found, beats = song.get(Tempo), song.get(Beats)
    if found is not None:
        yield Paragraph(text=_tempo_in_words(found))
    if beats is not None:
        yield Paragraph(text=_beats_in_words(beats))
    if found is not None and _likely(found):
        yield Table(
            columns=(
                Column(heading="Other ways to count the beat", share=2.2),
                Column(heading="Weight", align="right"),
            ),
            rows=tuple((BPM.format(level.bpm), PROBABILITY.format(level.weight_fraction)) for level in _likely(found)),
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
        f"The beat goes at {BPM.format(found.bpm.value)}; nine times in ten the true tempo lies within"
        f" {words.range_of(found.bpm, BPM)}"
        f"{', for the beat may also be counted at another rate' if _reaches_another(found) else ''}.",
        f"Nine in ten stretches of eight beats keep within {PERCENT.format(found.drift_percent)} of it.",
    ]
    if found.swing_fraction is not None:
        position = BEAT_POSITION.format(found.swing_fraction)
        parts.append(f"The offbeat falls at {position}: 0.50 is straight, 0.67 a triplet swing.")
    else:
        parts.append("Too little sounds between the beats to tell whether it swings.")
    return " ".join(parts)


def _reaches_another(found: Tempo) -> bool:
    """Tell whether the range of the tempo holds another way to count the beat."""
    return any(found.bpm.low <= level.bpm <= found.bpm.high for level in _likely(found))


def _beats_in_words(beats: Beats) -> str:
    bars = beats.times_s[beats.downbeat_index]
    counted = f"{words.count(beats.times_s.size, 'beat')} were found"
    if bars.size:
        counted += (
            f", in bars of {beats.beats_per_bar}; {words.count(bars.size, 'bar')} begin"
            f"{'s' if bars.size == 1 else ''}, the first at {clock(bars[0], decimals=1)}"
        )
    return f"{counted}. Beats with such evidence are right in {words.of_hundred(beats.confidence_fraction)} songs."


def _how_to_check_beats(beats: Beats) -> str:
    starts = beats.times_s[beats.downbeat_index] if beats.downbeat_index.size else beats.times_s
    start = float(starts[starts.size // 3])
    end = float(min(start + 10, beats.times_s[-1]))
    return (
        f"To check: tap along from {clock(start, decimals=1)}, where a bar should begin, to {clock(end)}."
        " Taps that fall between the beats, or at half or twice their rate, speak for another way of counting."
    )


# --------------------------------------------------------------------------------------------------------------- riff
def _riff(song: SongAnalysis) -> Iterator[Block]:
    if "loops" not in song.outcomes:
        return
    yield Heading(text="Riff")
    yield from _missing_here(song, "loops")
    found = song.get(Loops)
    if found is None:
        return
    text = _riff_in_words(found)
    yield Paragraph(text=text)
    caption = (
        "Every bar of the song, row by row through the riff. Dark: the bar is like the riff at its place; pale: it is"
        " varied, or something covers it; a small square: the riff does not sound."
    )
    yield from draw("loop_map", song, caption=caption, alt=f"Map of the song's bars. {text}")
    yield Paragraph(text=_how_to_check_riff(found), note=True)
    caption = (
        "Each bar against every other, beyond what they share by chance; the song begins at the top left. A stripe"
        " beside the diagonal is music that comes back, as much later as it lies away from it."
    )
    yield from draw("similarity", song, caption=caption, alt=f"How alike the bars of the song are. {text}")


def _riff_in_words(found: Loops) -> str:
    coverage = found.coverage_fraction
    gap = round(found.longest_gap_bars)
    parts = [
        f"A riff of {bars_in_words(found.period_bars)}, {SECONDS.format(found.period_s)} long, comes round"
        f" {words.count(round(found.passes), 'time')} and sounds in {FRACTION.format(coverage.value)} of the song,"
        f" range {words.range_of(coverage, FRACTION)}.",
        f"The longest stretch of the music without it lasts {words.count(gap, 'bar')}."
        if gap
        else "It sounds from the first bar of the music to the last.",
        f"From one time to the next, the better repeats share {FRACTION.format(found.exactness_fraction)} of the notes"
        " of a beat; a copied loop with nothing else on top would share them all.",
        f"With such evidence it is a riff in {words.of_hundred(found.probability)} songs.",
    ]
    if found.others:
        each = [
            f"one of {bars_in_words(other.period_bars)} from {words.span(other.spans[0])}" for other in found.others
        ]
        parts.append(f"Something else loops where it does not sound: {words.joined(each)}.")
    heard = "the whole mix" if found.method == "mix" else "the whole mix, and the mix without the voice"
    return f"{' '.join(parts)} Listened to: {heard}."


def _how_to_check_riff(found: Loops) -> str:
    return (
        f"To check: play the cleanest pass, {words.span(found.example)}, and then other rows of the map. Where"
        " the same notes come at the same moments, the riff sounds, whatever is played or sung on top."
    )


# -------------------------------------------------------------------------------------------------------------- voice
def _voice(song: SongAnalysis) -> Iterator[Block]:
    wanted = ("vocal_activity", "vocal_pitch", "vocal_range", "vocal_layers", "vocal_tone")
    names = [name for name in wanted if name in song.outcomes]
    if not names:
        return
    yield Heading(text="Voice")
    yield from _missing_here(song, *names)
    activity, found = song.get(VocalActivity), song.get(VocalRange)
    if activity is not None:
        yield Paragraph(text=_activity_in_words(activity))
    if found is not None:
        text = _range_in_words(found, song.spelling)
        yield Paragraph(text=text)
        caption = "Seconds sung on each note. Strong colour: the middle 80% of sung time."
        yield from draw("vocal_range", song, caption=caption, alt=f"How long each note is sung. {text}")
        yield Paragraph(text=_where_to_listen(found), note=True)
    layers, tone = song.get(VocalLayers), song.get(VocalTone)
    if isinstance(song.outcomes.get("vocal_pitch"), Measured):
        caption = (
            "The melody as it is sung, but for the lowest and highest 0.5% of it. Rings: the lowest and the highest"
            " note that is held for at least 0.1 s."
        )
        alt = "The pitch of the voice over the song, on a keyboard."
        if layers is not None:
            caption += " Below: where more than one voice sings."
            alt += f" {_layers_in_words(layers)}"
        yield from draw("vocal_pitch", song, caption=caption, alt=alt)
    if layers is not None:
        yield Heading(text="Other voices", level=2)
        yield Paragraph(text=_layers_in_words(layers))
        yield Paragraph(text=_how_to_check_layers(layers), note=True)
    if tone is not None:
        yield Heading(text="Tone and closeness", level=2)
        yield Paragraph(text=_tone_in_words(tone))
        yield Paragraph(text=_what_tone_cannot_tell(tone), note=True)


def _activity_in_words(activity: VocalActivity) -> str:
    heard = activity.method.in_words
    if not activity.spans:
        return f"No one was heard singing, listening to {heard}."
    longest = max(activity.spans, key=lambda span: span.duration_s)
    return (
        f"Someone sings for {FRACTION.format(activity.sung_fraction)} of the song, in"
        f" {words.count(len(activity.spans), 'stretch')}; the longest runs from {words.span(longest)}. Listened to:"
        f" {heard}."
    )


def _range_in_words(found: VocalRange, spelling: Spelling) -> str:
    def named(midi: float) -> str:
        return spelling.print(midi)

    def end(estimate: Estimate) -> str:
        low, high = named(estimate.low), named(estimate.high)
        return named(estimate.value) + (f" ({low} to {high})" if low != high else "")

    parts = [
        f"The voice moves between {end(found.lowest_midi)} and {end(found.highest_midi)}:"
        f" {SEMITONES.format(found.span_semitones.value)}, range {words.range_of(found.span_semitones, SEMITONES)}.",
        "These are the 2nd and the 98th percentile of the sung time, so that a slip does not count.",
        f"It spends the middle 80% of that time between {named(found.tessitura_low_midi)} and"
        f" {named(found.tessitura_high_midi)}, {SEMITONES.format(found.tessitura_semitones)} apart, with the median at"
        f" {named(found.median_midi)}.",
    ]
    if found.stepwise_fraction is not None:
        parts.append(f"{FRACTION.format(found.stepwise_fraction)} of its moves are steps of at most two semitones.")
    else:
        parts.append("There are too few moves from note to note to say how stepwise it goes.")
    return " ".join(parts)


def _where_to_listen(found: VocalRange) -> str:
    lowest, highest = found.lowest_sustained, found.highest_sustained
    if lowest is None or highest is None:
        return "No note is held for 0.1 s, so there is none to point at."
    return (
        f"To check: play the lowest held note, {music_type(lowest.note)} from {words.span(lowest)}, and the highest,"
        f" {music_type(highest.note)} from {words.span(highest)}. If another instrument or a second voice carries"
        " them, the lead's range is narrower than stated here."
    )


def _layers_in_words(found: VocalLayers) -> str:
    layered = found.layered_fraction
    parts = [
        f"More than one voice sings in {FRACTION.format(layered.value)} of the sung time, range"
        f" {words.range_of(layered, FRACTION)}."
    ]
    if layered.high - layered.low > WIDEST_RANGE_FRACTION:
        parts.append("That range is wide: how much of the song is layered cannot be said from this sound.")
    if found.spans:
        kinds = [
            f"{what} in {FRACTION.format(share)}"
            for what, share in (
                ("other notes than the lead's", found.harmony_fraction),
                ("the lead's own notes from more than one place", found.doubled_fraction),
            )
            if share is not None
        ]
        parts.append(f"Heard are {words.joined(kinds)}." if kinds else "")
    if found.gap_fill_fraction is not None:
        parts.append(
            f"Of the lead's rests of 1.2 s and more, other voices fill {FRACTION.format(found.gap_fill_fraction)}."
        )
    elif found.method != "mix":
        parts.append("The lead never rests for 1.2 s, so there are no gaps to fill.")
    if found.harmony_fraction is None:
        parts.append(
            "Harmonies, and voices that fill the lead's rests, cannot be told while the voice is not taken out of the"
            " mix."
        )
    if found.doubled_fraction is None:
        parts.append("In a mono sound no double is told from one voice.")
    return " ".join(part for part in parts if part)


def _how_to_check_layers(found: VocalLayers) -> str:
    limits = (
        "Not told from one voice: a double from the same place as the lead, and octaves. What the separation leaves of"
        " the band in the voice counts as another."
    )
    if not found.spans:
        return limits
    longest = max(found.spans, key=lambda span: span.duration_s)
    return (
        f"To check: play {words.span(longest)}, the longest stretch. If a single voice sings there, less is layered"
        f" than stated. {limits}"
    )


def _tone_in_words(found: VocalTone) -> str:
    forward = found.forwardness_lu
    side = "louder" if forward.value >= 0 else "quieter"
    if forward.value >= ALONE_LU:
        parts = ["Next to nothing plays behind the voice."]
    else:
        parts = [
            f"While it sings, the voice is {LU.format(abs(forward.value))} {side} than its backing, range"
            f" {words.range_of(forward, LU)} against it."
        ]
    breath, dry = found.breathiness_db, found.dryness_db
    if breath is None:
        parts.append("Too few notes are held to tell how breathy it is.")
    else:
        parts.append(
            f"In its held notes the noise between the harmonics lies {DB.format(abs(breath.value))}"
            f" {'below' if breath.value < 0 else 'above'} them, range {words.range_of(breath, DB)}, where a clear voice"
            f" has about −25 dB and a breathy one −10 dB: {_between(breath, CLEAR_OR_BREATHY_DB, 'clear', 'breathy')}."
        )
    if dry is None:
        parts.append("Too few notes end in the open to tell its room.")
    else:
        parts.append(
            f"After the end of a note its harmonics fall by {DB.format(dry.value)}, range {words.range_of(dry, DB)},"
            " where a large hall has 15 dB and a dry room 30 dB and more:"
            f" {_between(dry, HALL_OR_DRY_DB, 'reverberant', 'dry')}."
        )
    return " ".join(parts)


def _between(found: Estimate, middle: float, below: str, above: str) -> str:
    """Say on which side of the middle between two extremes the whole range lies, if on one."""
    if found.high < middle:
        return f"nearer to {below}"
    return f"nearer to {above}" if found.low > middle else f"whether {below} or {above} cannot be said"


def _what_tone_cannot_tell(found: VocalTone) -> str:
    text = (
        "Nothing here tells a small dry room from a singer close to the microphone, a quiet singer from a fader, or the"
        " breath of the lead from that of others. An echo counts as a room."
    )
    if found.method == "mix":
        text += " The voice was not taken out of the mix: its breath and its room are at most what is heard of them."
    return text


# ----------------------------------------------------------------------------------------------- loudness and density
def _loudness_and_density(song: SongAnalysis) -> Iterator[Block]:
    names = [name for name in ("loudness", "density") if name in song.outcomes]
    if not names:
        return
    yield Heading(text="Loudness and density")
    yield from _missing_here(song, *names)
    loudness, density = song.get(Loudness), song.get(Density)
    if loudness is not None:
        yield from _loudness(song, loudness)
    if density is not None:
        text = _density_in_words(density)
        yield Paragraph(text=text)
        caption = "How much sounds at once and how often something begins; quiet and bare passages lie low in both."
        yield from draw("density", song, caption=caption, alt=f"Density over the song. {text}")


def _loudness(song: SongAnalysis, found: Loudness) -> Iterator[Block]:
    yield Paragraph(text=_loudness_in_words(found))
    caption = "Loudness over the song (3 s windows), and the gain that each service applies to reach its own level."
    yield from draw(
        "loudness", song, caption=caption, alt=f"Short-term loudness over the song. {_loudness_in_words(found)}"
    )

    def or_missing(number: float | None, unit: Unit) -> str:
        return "too short" if number is None else unit.format(number)

    rows = (
        ("Integrated loudness", LUFS.format(found.integrated_lufs), "the whole song; pauses do not count"),
        ("Loudness range", or_missing(found.range_lu, LU), "how far its quiet and its loud passages lie apart"),
        ("Loudest 3 s", or_missing(found.max_short_term_lufs, LUFS), "short-term maximum"),
        ("Loudest 0.4 s", LUFS.format(found.max_momentary_lufs), "momentary maximum"),
        ("True peak", DBTP.format(found.true_peak_dbtp), "between the samples, as a converter would reach it"),
        ("Sample peak", DBFS.format(found.sample_peak_dbfs), "the largest sample"),
        (
            "Peak to loudness ratio",
            LU.format(found.plr_lu),
            "true peak above the integrated loudness: room for transients",
        ),
        ("Crest factor", DB.format(found.crest_db), "peak above the average power"),
    )
    columns = (
        Column(heading="Measure", share=1.3),
        Column(heading="Value", align="right", share=0.8),
        Column(heading="What it is", share=2.6),
    )
    yield Table(columns=columns, rows=rows)
    if found.true_peak_dbtp > MAX_PEAK_DBTP:
        yield Paragraph(
            text=f"The true peak lies above {DBTP.format(MAX_PEAK_DBTP)}, the most that streaming services ask"
            " for: their encoders may clip.",
            note=True,
        )


def _loudness_in_words(found: Loudness) -> str:
    spread = (
        ""
        if found.range_lu is None
        else f", a range of {LU.format(found.range_lu)} between its quiet and its loud passages"
    )
    text = (
        f"The song has an integrated loudness of {LUFS.format(found.integrated_lufs)}{spread} and a true peak of"
        f" {DBTP.format(found.true_peak_dbtp)}."
    )
    if not found.streaming_gain_db:
        return text
    by_gain: dict[str, list[str]] = {}
    for service, gain in sorted(found.streaming_gain_db.items()):
        by_gain.setdefault(DB.format(gain, signed=True), []).append(service)
    gains = [f"{words.joined(services)} by {gain}" for gain, services in by_gain.items()]
    return f"{text} At their normal setting the streaming services change its level: {words.joined(gains)}."


def _density_in_words(found: Density) -> str:
    parts = [
        f"Something begins {found.onsets_per_s:.1f} times a second, and {BANDS.number(found.active_bands_mean)} of"
        f" {len(BAND_EDGES_HZ) - 1} bands from bass to treble sound at once in the mean."
    ]
    if found.onset_curve.size:
        busiest = int(found.onset_curve.argmax())
        parts.append(
            f"It is busiest around {clock((busiest + 0.5) * found.step_s)}, with"
            f" {found.onset_curve[busiest]:.1f} onsets a second."
        )
    if found.pumping_db is None:
        parts.append("Without a steady beat, pumping cannot be told.")
    elif found.pumping_db > 0:
        parts.append(f"What is held dips by {DB.format(found.pumping_db)} just after the beat, as under a side chain.")
    else:
        parts.append("What is held does not dip on the beat: no pumping was found.")
    return " ".join(parts)


# -------------------------------------------------------------------------------------------- key, balance and stereo
def _key_balance_and_stereo(song: SongAnalysis) -> Iterator[Block]:
    names = [name for name in ("key", "balance", "stereo") if name in song.outcomes]
    if not names:
        return
    yield Heading(text="Key, balance and stereo")
    yield from _missing_here(song, *names)
    key, balance, stereo = song.get(Key), song.get(Balance), song.get(Stereo)
    if key is not None:
        yield Paragraph(text=_key_in_words(key))
    if balance is not None:
        yield Paragraph(text=_balance_in_words(balance))
        caption = "Octave bands against the loudness of the whole song; the bass is in colour."
        yield from draw(
            "balance", song, caption=caption, alt=f"Level of each octave band. {_balance_in_words(balance)}"
        )
    if stereo is not None:
        text = _stereo_in_words(stereo)
        yield Paragraph(text=text)
        if stereo.width_fraction > 0:  # mono in every band is said, not drawn
            caption = (
                "Above: how much of each octave is in the side, where left and right differ. Below: how alike both are."
            )
            yield from draw("stereo", song, caption=caption, alt=f"Width and correlation of each octave. {text}")


def _key_in_words(key: Key) -> str:
    other = f"{music_type(key.runner_up.tonic)} {key.runner_up.mode}"
    tuning = "at A = 440 Hz"
    if round(key.tuning_cents):
        side = "above" if key.tuning_cents > 0 else "below"
        tuning = f"{CENTS.format(abs(key.tuning_cents))} {side} A = 440 Hz"
    return (
        f"The pitches point to {music_type(key.tonic)} {key.mode} (Camelot {key.camelot}). With such evidence"
        f" the key named is right in {words.of_hundred(key.confidence_fraction)} songs; {other} comes next. Whatever"
        f" the tonic, the mode is minor in {words.of_hundred(key.minor_probability)} such songs. The song is tuned"
        f" {tuning}."
    )


def _balance_in_words(balance: Balance) -> str:
    side = "below" if balance.bass_lu < 0 else "above"
    return (
        f"The bass from 20 to 100 Hz lies {LU.format(abs(balance.bass_lu))} {side} the loudness of the whole song; a"
        " song with heavier bass at equal loudness lies higher. Of the energy below 250 Hz,"
        f" {FRACTION.format(balance.low_bass_fraction)} is below 60 Hz. From 63 Hz to 8 kHz the level changes by"
        f" {DB_PER_OCTAVE.format(balance.tilt_db_per_octave, signed=True)}; the spectral centroid lies at"
        f" {HZ.format(balance.centroid_hz)}."
    )


def _stereo_in_words(found: Stereo) -> str:
    if found.width_fraction == 0:
        return "Left and right are the same: the song is mono."
    parts = [
        f"{FRACTION.format(found.width_fraction)} of the energy is in the side, where left and right differ: mono has"
        " 0%, two unrelated channels 50%, and more is out of phase."
    ]
    if found.correlation is None:
        parts.append("Only one side sounds.")
    else:
        parts.append(
            f"The correlation of both channels is {CORRELATION.format(found.correlation)}: 1 for the same, 0 for"
            " unrelated ones, −1 for antiphase."
        )
    if found.mono_loss_lu is None:
        parts.append("Mixed to mono, nothing is left.")
    else:
        parts.append(
            f"Mixed to mono, it loses {LU.format(found.mono_loss_lu)} of its loudness; unrelated channels lose 3.0 LU."
        )
    widths = found.band_width_fraction
    if np.isfinite(widths).any():
        widest = int(np.nanargmax(widths))
        name = hertz(math.sqrt(found.band_edges_hz[widest] * found.band_edges_hz[widest + 1]))
        middle = f"{name[:-1]} kHz" if name.endswith("k") else f"{name} Hz"
        parts.append(
            f"The bass weighs heavily in all three; the widest octave lies around {middle}"
            f" ({FRACTION.format(widths[widest])})."
        )
    return " ".join(parts)


# -------------------------------------------------------------------------------------------------- everything, methods
def _missing_here(song: SongAnalysis, *names: str) -> Iterator[Block]:
    """Say once for each reason what a chapter lacks."""
    lacking: dict[str, list[str]] = {}
    for name in names:
        outcome = song.outcomes.get(name)
        if isinstance(outcome, Missing | Failed):
            lacking.setdefault(_briefly(outcome), []).append(in_words(name).lower())
    for reason, kinds in lacking.items():
        yield Notice(text=words.sentence(f"{words.joined(kinds)} not measured: {reason}"))


def _all_measurements(song: SongAnalysis) -> Iterator[Block]:
    """Every number and word that was measured, from the annotations of the result types."""
    rows: list[tuple[str, ...]] = []
    spelling = song.spelling
    for name, outcome in song.outcomes.items():
        if not isinstance(outcome, Measured):
            continue
        mine = list(_rows(name, outcome.value, spelling))
        if mine:
            rows += [(in_words(name),), *mine]
    if not rows:
        return
    yield Heading(text="All measurements")
    yield Paragraph(
        text="The range should hold the truth nine times in ten; a measure without one follows exactly from its"
        " definition, or its uncertainty is not known. The last column is its place in the saved analysis.",
        note=True,
    )
    yield Table(
        columns=(
            Column(heading="Measure", share=1.7),
            Column(heading="Value", align="right", share=1.25),
            Column(heading="Range", align="right", share=1.75),
            Column(heading="In the JSON", share=2.3),
        ),
        rows=tuple(rows),
    )


def _rows(name: str, result: Any, spelling: Spelling) -> Iterator[tuple[str, ...]]:
    if not dataclasses.is_dataclass(result):
        return
    for field_name, field in fields_of(type(result)).items():
        content, unit = getattr(result, field_name), field.unit
        label, path = field_in_words(field_name, field), f"{name}.{field_name}"
        if isinstance(content, Estimate) and unit is not None:
            yield label, _amount(content.value, unit, spelling), words.range_of(content, unit, spelling), path
        elif isinstance(content, (int, float)) and unit is not None and unit.compared:
            yield label, _amount(content, unit, spelling), "", path
        elif isinstance(content, str):
            yield label, music_type(content), "", path


def _amount(content: float, unit: Unit, spelling: Spelling) -> str:
    if unit == MIDI:
        return f"{spelling.print(content)} ({MIDI.number(content)})"
    return unit.format(content)


def _methods(song: SongAnalysis) -> Iterator[Block]:
    yield Heading(text="Methods and limits")
    yield Paragraph(
        text="A report can be made again from the saved analysis without the audio; everything in it can be checked"
        " against that file and the sound.",
        note=True,
    )
    missing = [(name, outcome) for name, outcome in song.outcomes.items() if not isinstance(outcome, Measured)]
    facts = []
    for name, outcome in song.outcomes.items():
        method = method_of(name)
        if isinstance(outcome, Measured) and method is not None:
            parts = (method.text, method.limits, f"(Version {outcome.version})")
            text = " ".join(part for part in parts if part)
            facts.append(Fact(label=in_words(name), text=text, note=_source(method)))
    if facts:
        yield Facts(facts=tuple(facts))
    behind = [
        Fact(label=in_words(name), text=method.text, note=_source(method))
        for name, method in methods_behind(_measured(song))
    ]
    if behind:
        yield Heading(text="What these are measured from", level=2)
        yield Facts(facts=tuple(behind))
    if missing:
        yield Heading(text="What is missing, and why", level=2)
        yield Facts(
            facts=tuple(Fact(label=in_words(name), text=words.sentence(_why(outcome))) for name, outcome in missing)
        )


def _measured(song: SongAnalysis) -> list[str]:
    return [name for name, outcome in song.outcomes.items() if isinstance(outcome, Measured)]


def _source(method: Method) -> str:
    return f"Source: {words.sentence(method.source)}" if method.source else ""


def _briefly(outcome: Outcome) -> str:
    """Say why there is no value; what broke down is told in full on the last page."""
    return "riffscope failed here (see the last page)" if isinstance(outcome, Failed) else why_missing(outcome)


def _why(outcome: Outcome) -> str:
    if isinstance(outcome, Failed):
        return f"riffscope itself failed here, which says nothing of the song ({outcome.error})"
    return why_missing(outcome)


def _voice_from(song: SongAnalysis) -> str:
    """Name what the voice was read from as the saved analysis does, and in words."""
    activity = song.get(VocalActivity)
    return "" if activity is None else f"{activity.method}: {activity.method.in_words}"


def _provenance(song: SongAnalysis) -> Iterator[Block]:
    source = song.source
    tags = source.tags
    facts = [
        ("File", source.name, False),
        ("SHA-256", source.sha256, True),
        ("Title", tags.title or "", False),
        ("Artist", tags.artist or "", False),
        ("Album", tags.album or "", False),
        ("Year", tags.year or "", False),
        ("Length", f"{clock(source.duration_s, decimals=1)} ({SECONDS.format(source.duration_s)})", False),
        ("Format", f"{source.codec}, {source.sample_rate_hz} Hz, {words.count(source.channels, 'channel')}", False),
        ("Decoded", "in full" if source.status == "ok" else "in part", False),
        ("Warnings", " ".join(words.sentence(warning) for warning in source.warnings) or "none", False),
        ("Voice from", _voice_from(song), False),
        ("Settings", ", ".join(f"{name} {choice}" for name, choice in song.settings.items()), False),
        ("Made by", ", ".join(f"{name} {version}" for name, version in song.made_by.items()), False),
    ]
    yield Heading(text="Where this comes from", level=2)
    yield Facts(
        facts=tuple(Fact(label=label, text=words.plain(text, 600), code=code) for label, text, code in facts if text),
    )
