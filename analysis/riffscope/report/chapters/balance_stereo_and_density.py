"""Balance, stereo and density: the bass and the octaves, the width, and how much sounds at once."""

import math
from collections.abc import Iterator

import numpy as np

from riffscope import words
from riffscope.analyzers.balance import Balance
from riffscope.analyzers.density import BAND_EDGES_HZ, PUMPS_DB, Density
from riffscope.analyzers.stereo import Stereo
from riffscope.plots.octaves import bass_hz, hertz
from riffscope.report.absences import absences
from riffscope.report.blocks import Block, Heading, Paragraph
from riffscope.report.chapter import InFull, chapter
from riffscope.report.drawing import draw
from riffscope.song import SongAnalysis
from riffscope.units import BANDS, CORRELATION, DB, FRACTION, HZ, LU, PER_SECOND, clock

MEASUREMENTS = ("balance", "stereo", "density")
# A level that changes by less than this over an octave is called even.
EVEN_DB_PER_OCTAVE = 0.5


@chapter(place=60, shows=MEASUREMENTS)
def balance_stereo_and_density(song: SongAnalysis) -> Iterator[Block | InFull]:
    """Write about balance, stereo and density; in full, draw them by octave and over the song."""
    yield Heading(text="Balance, stereo and density")
    yield from absences(song, *MEASUREMENTS)
    balance, stereo, density = song.get(Balance), song.get(Stereo), song.get(Density)
    if balance is not None:
        text = _balance_in_words(balance)
        yield Paragraph(text=text)
        low, high = bass_hz(balance.band_edges_hz)
        caption = (
            f"Octave bands against the loudness of the whole song; in colour: those of the bass, {low} to {high} Hz."
        )
        yield InFull(blocks=draw("balance", song, caption=caption, alt=f"Level of each octave band. {text}"))
    if stereo is not None:
        text = _stereo_in_words(stereo)
        yield Paragraph(text=text)
        if stereo.width_fraction > 0:  # mono in every band is said, not drawn
            caption = "Above: the share of each octave in the side signal. Below: the correlation of left and right."
            alt = f"Width and correlation of each octave. {text}"
            yield InFull(blocks=draw("stereo", song, caption=caption, alt=alt))
    if density is not None:
        text = _density_in_words(density)
        yield Paragraph(text=text)
        caption = "The bands that are active at once, and the onset rate; quiet and bare passages are low in both."
        yield InFull(blocks=draw("density", song, caption=caption, alt=f"Density over the song. {text}"))


def _balance_in_words(balance: Balance) -> str:
    side = "below" if balance.bass_lu < 0 else "above"
    tilt = balance.tilt_db_per_octave
    level = (
        "stays about the same"
        if abs(tilt) < EVEN_DB_PER_OCTAVE
        else f"{'falls' if tilt < 0 else 'rises'} by {DB.format(abs(tilt))} per octave"
    )
    return (
        f"The bass, 20 to 100 Hz, is {LU.format(abs(balance.bass_lu))} {side} the loudness of the whole song;"
        f" {words.share_of(balance.low_bass_fraction)} of the energy below 250 Hz is below 60 Hz. From 63 Hz to 8 kHz"
        f" the level {level}. The spectral centroid is at {HZ.format(balance.centroid_hz)}."
    )


def _stereo_in_words(found: Stereo) -> str:
    if found.width_fraction == 0:
        return "Left and right are the same: the song is mono."
    parts = [
        f"The side signal, where left and right differ, has {words.share_of(found.width_fraction)} of the energy: mono"
        " has 0%, two unrelated channels have 50%."
    ]
    if found.mono_loss_lu is None:
        lost = "Mixed to mono, nothing is left"
    elif LU.number(found.mono_loss_lu) == LU.number(0.0):
        lost = "Mixed to mono, the song is as loud"
    else:
        lost = f"Mixed to mono, the song loses {LU.format(found.mono_loss_lu)}"
    if found.correlation is None:
        parts.append(f"Only one side sounds. {lost}.")
    else:
        parts.append(
            f"{lost}; left and right correlate at {CORRELATION.format(found.correlation)} (1: the same, 0: unrelated,"
            " −1: antiphase)."
        )
    widths = found.band_width_fraction
    if np.isfinite(widths).any():
        widest = int(np.nanargmax(widths))
        name = hertz(math.sqrt(found.band_edges_hz[widest] * found.band_edges_hz[widest + 1]))
        middle = f"{name[:-1]} kHz" if name.endswith("k") else f"{name} Hz"
        parts.append(f"The widest octave is around {middle} ({FRACTION.format(widths[widest])}).")
    return " ".join(parts)


def _density_in_words(density: Density) -> str:
    parts = [
        f"A new note or hit starts {PER_SECOND.number(density.onsets_per_s.value)} times a second; on average"
        f" {BANDS.number(density.active_bands_mean.value)} of {len(BAND_EDGES_HZ) - 1} frequency bands are active."
    ]
    if density.onset_curve.size:
        busiest = int(density.onset_curve.argmax())
        parts.append(
            f"The song is busiest around {clock((busiest + 0.5) * density.step_s)}, with"
            f" {PER_SECOND.number(density.onset_curve[busiest])} onsets a second."
        )
    if density.pumping_db is None:
        parts.append("Without a steady beat, pumping cannot be measured.")
    elif density.pumping_db.low > PUMPS_DB:
        dip = f"{DB.format(density.pumping_db.value)} ({words.between(density.pumping_db, DB)})"
        parts.append(f"Sustained sounds duck by {dip} just after the beat, as with a side chain.")
    elif density.pumping_db.high <= PUMPS_DB:
        parts.append("Sustained sounds do not duck on the beat, so no pumping was found.")
    else:
        parts.append(
            f"Whether it pumps is unclear: sustained sounds may duck by up to {DB.format(density.pumping_db.high)}."
        )
    return " ".join(parts)
