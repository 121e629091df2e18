"""Fit how far a voice's breathiness, dryness and forwardness are known (`riffscope.analyzers.vocal_tone`).

    python -m training.tone.fit SET [SET ...] --voices FOLDER

Constants
    ``SEPARATED_NOISE``, ``SEPARATED_DECAY``, ``SEPARATED_RATIO``, and ``MIX_...``: how far below what is
    measured the range begins, where in it the value is thought to be, and how far above it ends.
Data
    The solo voices of FOLDER, laid over the songs of the sets in which nobody sings, at levels and in rooms that are
    drawn (`training.tone.mixing`): four voices over each song.
Method
    The truth is what the same measures say of the voice alone, in its room, and its loudness against the instrumental.
    Below and above lie the conformal offsets that leave out one in twenty on either side; the value is put at the
    median. Sets are held back in turn, or songs where there is one set; the voices are the same in all of them.
Prints
    For each measure how often its range holds the truth (aimed at .9), and the ``error`` of the value.
"""

import functools
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from riffscope.analyzers import vocal_tone
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.analyzers.vocal_tone import VocalTone
from riffscope.arrays import Floats
from riffscope.errors import NotMeasured
from riffscope.model import Separator, Settings
from riffscope.song import make
from training.common.command import read_command_line
from training.common.constants import Constants, today, tried
from training.common.fitting import CannotFit, conformal_offsets
from training.common.report import Figures, Group, report
from training.common.songs import Song
from training.tone.mixing import Mix, mix_over, spread

MEASURES = ("NOISE", "DECAY", "RATIO")
VOICES_OVER_EACH = 4
NOTHING_ADDED: Constants = {f"{way}_{name}": (0.0, 0.0, 0.0) for way in ("SEPARATED", "MIX") for name in MEASURES}
NOTE = (
    "Of one kind of backing and a few voices these ranges are too narrow. In the mix, noise and room of the voice are "
    "at most what is heard: the package keeps 0 above for MIX_NOISE."
)


@dataclass(frozen=True, kw_only=True)
class Tones:
    """What was measured of the voices over one song, and what is true of them.

    Attributes
    ----------
    measured, truth : float64 arrays, shape (n_voices, 3)
        In the order of `MEASURES`, nothing added; NaN where there is none.
    """

    measured: Floats
    truth: Floats


def names(separator: Separator) -> tuple[str, ...]:
    """Return the constants that are used with a separator."""
    way = "MIX" if separator == "none" else "SEPARATED"
    return tuple(f"{way}_{name}" for name in MEASURES)


def read(song: Song, voices: Sequence[Path], separator: Separator) -> Tones | None:
    """Measure voices over a song in which nobody sings."""
    if "no_vocal" not in song.item.kinds or not voices:
        return None
    measured, truth = [], []
    for voice in spread(voices, VOICES_OVER_EACH, first=zlib.crc32(song.name.encode())):
        mix = mix_over(voice, song.item.path)
        try:
            pair = measure(mix, separator), measure_truth(mix)
        except NotMeasured:
            continue
        measured.append(pair[0])
        truth.append(pair[1])
    return Tones(measured=np.array(measured), truth=np.array(truth)) if measured else None


def measure(mix: Mix, separator: Separator) -> tuple[float, float, float]:
    """Measure the tone of the voice in a mix, nothing added.

    Raises
    ------
    NotMeasured
        No voice is heard.
    """
    with tried(vocal_tone, NOTHING_ADDED):
        tone = make(mix.sound, [VocalTone], settings=Settings(separator=separator))[VocalTone]
    breath, dry = (np.nan if found is None else found.value for found in (tone.breathiness_db, tone.dryness_db))
    return breath, dry, tone.forwardness_lu.value


def measure_truth(mix: Mix) -> tuple[float, float, float]:
    """Measure the voice alone, and its loudness against the instrumental.

    Raises
    ------
    NotMeasured
        The voice is heard as none even alone.
    """
    with tried(vocal_tone, NOTHING_ADDED):
        made = make(mix.sound, [VocalTone, VocalPitch], settings=Settings(vocals=mix.voice))
    tone, pitch = made[VocalTone], made[VocalPitch]
    breath, dry = (np.nan if found is None else found.value for found in (tone.breathiness_db, tone.dryness_db))
    times_s = pitch.times_s[pitch.sung][:: round(vocal_tone.LOUDNESS_HOP_S / 0.01)]
    forward = vocal_tone.loudness_difference_lu(mix.voice.samples, mix.backing, mix.sound.sample_rate_hz, times_s)
    return breath, dry, forward


def learn(songs: Sequence[Tones], separator: Separator) -> Constants:
    """Fit the offsets."""
    if not songs:
        raise CannotFit("no voice was measured")
    errors = np.concatenate([song.truth - song.measured for song in songs])
    known = [column[np.isfinite(column)] for column in errors.T]
    return dict(zip(names(separator), map(conformal_offsets, known), strict=True))


def judge(song: Tones, constants: Constants) -> Figures:
    """Judge the ranges around what was measured over a song."""
    errors = song.truth - song.measured
    figures = {}
    for name, column in zip(constants, errors.T, strict=True):
        low, middle, high = np.array(constants[name])
        known = column[np.isfinite(column)]
        short = name.partition("_")[2].lower()
        figures[f"{short} covered"] = float(((known >= low) & (known <= high)).mean()) if known.size else np.nan
        figures[f"{short} error"] = float(np.abs(known - middle).mean()) if known.size else np.nan
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, fit, print."""
    chosen = read_command_line(__doc__, arguments, voices=True)
    separators: tuple[Separator, ...] = ("spleeter", "none")
    for separator in separators:
        reader = functools.partial(read, voices=chosen.voices, separator=separator)
        known = chosen.shelf.gather(Tones, chosen.songs, reader, of=f"tone-{separator}")
        group = Group(
            title=f"Vocal tone, {'in the mix' if separator == 'none' else 'vocals separated'}",
            today=today(vocal_tone, names(separator)),
            learn=functools.partial(learn, separator=separator),
            judge=judge,
            note=NOTE,
        )
        report(group, known)
    return 0


if __name__ == "__main__":
    sys.exit(main())
