"""Loudness and density: how loud the song is and where, its peaks, and how much sounds at once."""

from collections.abc import Iterator

from riffscope import words
from riffscope.analyzers.density import BAND_EDGES_HZ, PUMPS_DB, Density
from riffscope.analyzers.loudness import Loudness
from riffscope.report.absences import absences
from riffscope.report.blocks import Block, Column, Heading, Paragraph, Table
from riffscope.report.chapter import chapter
from riffscope.report.drawing import draw
from riffscope.song import SongAnalysis
from riffscope.units import BANDS, DB, DBFS, DBTP, LU, LUFS, Unit, clock

MEASUREMENTS = ("loudness", "density")
# The peak that streaming services ask masters to stay under, so that their encoders have room (AES TD1008).
MAX_PEAK_DBTP = -1.0


@chapter(place=50, shows=MEASUREMENTS)
def loudness_and_density(song: SongAnalysis) -> Iterator[Block]:
    """Write about loudness and density."""
    yield Heading(text="Loudness and density")
    yield from absences(song, *MEASUREMENTS)
    loudness, density = song.get(Loudness), song.get(Density)
    if loudness is not None:
        yield from _loudness(song, loudness)
    if density is not None:
        text = _density_in_words(density)
        yield Paragraph(text=text)
        caption = "The bands that sound at once, and the onset rate; quiet and bare passages lie low in both."
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
        f"There are {found.onsets_per_s.value:.1f} onsets a second, and {BANDS.number(found.active_bands_mean.value)}"
        f" of {len(BAND_EDGES_HZ) - 1} bands from bass to treble sound at once in the mean."
    ]
    if found.onset_curve.size:
        busiest = int(found.onset_curve.argmax())
        parts.append(
            f"It is busiest around {clock((busiest + 0.5) * found.step_s)}, with"
            f" {found.onset_curve[busiest]:.1f} onsets a second."
        )
    if found.pumping_db is None:
        parts.append("Without a steady beat, pumping cannot be told.")
    elif found.pumping_db.low > PUMPS_DB:
        dip = f"{DB.format(found.pumping_db.value)} ({words.range_of(found.pumping_db, DB)})"
        parts.append(f"What is held dips by {dip} just after the beat, as under a side chain.")
    elif found.pumping_db.high <= PUMPS_DB:
        parts.append("What is held does not dip on the beat: no pumping was found.")
    else:
        parts.append(f"Pumping cannot be told: a dip on the beat may reach {DB.format(found.pumping_db.high)}.")
    return " ".join(parts)
