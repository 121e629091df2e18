"""Loudness: how loud the song is and where, its peaks, and what streaming services change."""

from collections.abc import Iterator

from riffscope import words
from riffscope.analyzers.loudness import Loudness
from riffscope.report.absences import absences
from riffscope.report.blocks import Block, Column, Heading, Paragraph, Table
from riffscope.report.chapter import InFull, chapter
from riffscope.report.drawing import draw
from riffscope.song import SongAnalysis
from riffscope.units import DB, DBFS, DBTP, LU, LUFS, Unit

# The peak that streaming services ask masters to stay under, so that their encoders have room (AES TD1008).
MAX_PEAK_DBTP = -1.0


@chapter(place=55, shows=("loudness",))
def loudness(song: SongAnalysis) -> Iterator[Block | InFull]:
    """Write about loudness, peaks and streaming, and draw the loudness over the song."""
    yield Heading(text="Loudness")
    yield from absences(song, "loudness")
    found = song.get(Loudness)
    if found is None:
        return
    text = " ".join(part for part in (_loudness_in_words(found), _streaming_in_words(found)) if part)
    yield Paragraph(text=text)
    gains = ", and the gain that each service applies at its normal setting" if found.is_turned else ""
    caption = f"Loudness over the song, in windows of 3 s{gains}."
    yield from draw("loudness", song, caption=caption, alt=f"Short-term loudness over the song. {text}")
    yield InFull(blocks=[_table(found)])


def _table(found: Loudness) -> Table:
    def or_missing(number: float | None, unit: Unit) -> str:
        return "too short" if number is None else unit.format(number)

    rows = (
        ("Integrated loudness", LUFS.format(found.integrated_lufs), "the whole song; pauses do not count"),
        ("Loudness range", or_missing(found.range_lu, LU), "from its quiet to its loud passages"),
        ("Loudest 3 s", or_missing(found.max_short_term_lufs, LUFS), "short-term maximum"),
        ("Loudest 0.4 s", LUFS.format(found.max_momentary_lufs), "momentary maximum"),
        ("True peak", DBTP.format(found.true_peak_dbtp), "between the samples, as a converter would reach it"),
        ("Sample peak", DBFS.format(found.sample_peak_dbfs), "the largest sample"),
        ("Peak to loudness ratio", LU.format(found.plr_lu), "true peak above the integrated loudness"),
        ("Crest factor", DB.format(found.crest_db), "peak above the average power"),
    )
    columns = (
        Column(heading="Measure", share=1.3),
        Column(heading="Value", align="right", share=0.8),
        Column(heading="What it is", share=2.6),
    )
    return Table(columns=columns, rows=rows)


def _loudness_in_words(found: Loudness) -> str:
    spread = (
        ""
        if found.range_lu is None
        else f", with {LU.format(found.range_lu)} between its quiet and its loud passages (the loudness range)"
    )
    clips = (
        f", above the {DBTP.format(MAX_PEAK_DBTP)} that streaming services ask for: their encoders may clip"
        if found.true_peak_dbtp > MAX_PEAK_DBTP
        else ""
    )
    mono = (
        f" It is mono: two loudspeakers play it {LU.format(found.played_louder_lu)} louder, at"
        f" {LUFS.format(found.played_lufs)}, which is what streaming services turn up or down."
        if found.played_louder_lu
        else ""
    )
    return (
        f"The integrated loudness is {LUFS.format(found.integrated_lufs)}{spread}. The true peak is"
        f" {DBTP.format(found.true_peak_dbtp)}, {LU.format(found.plr_lu)} over the integrated loudness{clips}.{mono}"
    )


def _streaming_in_words(found: Loudness) -> str:
    """Say which services turn the song up or down, and which leave it alone."""
    by_gain: dict[float, list[str]] = {}
    for service, gain in sorted(found.streaming_gain_db.items()):
        by_gain.setdefault(round(gain, DB.digits), []).append(service)
    turned = [
        f"{words.joined(services)} {'turn' if len(services) > 1 else 'turns'} it {'up' if gain > 0 else 'down'} by"
        f" {DB.format(abs(gain))}"
        for gain, services in sorted(by_gain.items())
        if gain
    ]
    same = by_gain.get(0.0, [])
    if same:
        turned.append(f"{words.joined(same)} {'leave' if len(same) > 1 else 'leaves'} it as it is")
    return f"At their normal settings, {'; '.join(turned)}." if turned else ""
