"""Key, balance and stereo: the key and the tuning, the bass and the octaves, and the width."""

import math
from collections.abc import Iterator

import numpy as np

from riffscope import words
from riffscope.analyzers.balance import Balance
from riffscope.analyzers.key import Key, KeyPart
from riffscope.analyzers.stereo import Stereo
from riffscope.notes import music_type
from riffscope.plots.octaves import hertz
from riffscope.report.absences import absences
from riffscope.report.blocks import Block, Heading, Paragraph
from riffscope.report.chapter import chapter
from riffscope.report.drawing import draw
from riffscope.song import SongAnalysis
from riffscope.units import CENTS, CORRELATION, DB_PER_OCTAVE, FRACTION, HZ, LU, clock

# A part whose key is less likely right than this is named as uncertain: the other keys together are likelier.
CERTAIN_ENOUGH = 0.5
# A pause between two parts is told where it is longer: shorter ones no listener takes for a pause.
PAUSE_S = 2.0

MEASUREMENTS = ("key", "balance", "stereo")


@chapter(place=60, shows=MEASUREMENTS)
def key_balance_and_stereo(song: SongAnalysis) -> Iterator[Block]:
    """Write about key, balance and stereo."""
    yield Heading(text="Key, balance and stereo")
    yield from absences(song, *MEASUREMENTS)
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
                "Above: how much of each octave is in the side, where left and right differ. Below: how they correlate."
            )
            yield from draw("stereo", song, caption=caption, alt=f"Width and correlation of each octave. {text}")


def _key_in_words(key: Key) -> str:
    other = f"{music_type(key.runner_up.tonic)} {key.runner_up.mode}"
    tuning = "at A = 440 Hz"
    if round(key.tuning_cents):
        side = "above" if key.tuning_cents > 0 else "below"
        tuning = f"{CENTS.format(abs(key.tuning_cents))} {side} A = 440 Hz"
    named = f"{music_type(key.tonic)} {key.mode}"
    if len(key.parts) > 1:
        opening = f"{_parts_in_words(key.parts)} The longest part is the one in {named} (Camelot {key.camelot}): with"
    else:
        opening = f"The chords and pitches point to {named} (Camelot {key.camelot}). With"
    return (
        f"{opening} such evidence the key named is right in {words.of_hundred(key.confidence_fraction)} songs;"
        f" {other} comes next. Whatever the tonic, the mode is minor in {words.of_hundred(key.minor_probability)} such"
        f" songs. The song is tuned {tuning}."
    )


def _parts_in_words(parts: tuple[KeyPart, ...]) -> str:
    """Tell the key of each part, and which of them are uncertain."""
    told = []
    for i, part in enumerate(parts):
        place = f"in {music_type(part.label)}"
        if i:
            paused = part.start_s - parts[i - 1].end_s > PAUSE_S
            place = f"then{f' from {clock(part.start_s)} on' if paused else ''} {place}"
        told.append(place if i == len(parts) - 1 else f"{place} to {clock(part.end_s)}")
    unsure = [
        f"{music_type(part.label)} from {clock(part.start_s)} on"
        for part in parts
        if part.confidence_fraction < CERTAIN_ENOUGH
    ]
    doubt = f" Uncertain: {words.joined(unsure)}." if unsure else ""
    return f"The song is {', '.join(told)}.{doubt}"


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
