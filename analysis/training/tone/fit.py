"""Fit what tells a breathy voice, a dry one and one in front (`riffscope.analyzers.vocal_tone`).

    python -m training.tone.fit SET [SET ...]

Constants
    ``SEPARATED_LEVEL``, ``SEPARATED_ROOM``, ``MONO_ROOM``, ``SEPARATED_BREATH``, and ``MIX_...``: the weights of
    readings, in dB, and the value where they are 0. ``SEPARATED_LEVEL_REACH_LU``, ``MIX_LEVEL_REACH_LU``: how far the
    level may lie to either side of its value. ``CLEAR_DB``, ``CLEAR_DB_PER_OCTAVE``,
    ``CLEAR_DB_PER_DB``, ``CLEAR_SPREAD_DB``: the noise of clear voices by band.
Data
    Rendered songs in which somebody sings. The voice is in front or behind where it lies 1.5 dB or more above or below
    the accompaniment, dry where it has no reverberation and not where this lies 13 dB or less below it, breathy from a
    share of .3 on and clear without any; songs between these say nothing.
Method
    The level by a linear regression with Huber's loss, and its reach by what it misses of a tenth of the songs at a
    time, held back. Room and breath by logistic regressions, whose log odds are brought to dB by a factor of the
    package and to the limit of the claim. Breathy songs weigh as they are drawn, one in five, however many there are.
    The noise of clear voices is a plane over the octaves and the tilt, again with Huber's loss; what a mix has beyond
    it is held against the plane of the package. Sets are held back in turn, or songs where there is one set; the
    singers are the same in all of them.
Prints
    For each measure ``decided``: whether the whole range lies on one side of the limit; ``right``: of these, whether on
    the right one; ``brier`` of its probability; ``covered``: how often the range holds the true level.
"""

import functools
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import norm

from riffscope.analyzers import vocal_tone
from riffscope.arrays import Floats, Mask
from riffscope.choices import Separator
from riffscope.dsp.voice import breath
from riffscope.dsp.voice.breath import Noise
from training.common.command import read_command_line
from training.common.constants import Constants, Value, number, overheard, today
from training.common.features import run
from training.common.fitting import CannotFit, conformal_margin, logistic
from training.common.report import Figures, Group, report
from training.common.songs import RENDERED, Song

CLEAR = ("CLEAR_DB", "CLEAR_DB_PER_OCTAVE", "CLEAR_DB_PER_DB", "CLEAR_SPREAD_DB")
MEASURES = ("LEVEL", "ROOM", "BREATH")
# Which songs are true and false, as the claims are scored.
IN_FRONT_DB, BEHIND_DB = 1.5, -1.5
WET_DB = -13.0
BREATHY, BARELY_BREATHY = 0.3, 0.01
# One in five voices that are clear or breathy is breathy, as songs are drawn.
BREATHY_SHARE = 0.21
# The limits of the claims ...
LIMITS = {"LEVEL": 0.0, "ROOM": 20.0, "BREATH": -17.0}
# ... and the inverse of the ridge: stronger in a mix, where room and noise may be the accompaniment's.
SEPARATED_RIDGE = {"ROOM": 10.0, "BREATH": 10.0}
MIX_RIDGE = {"ROOM": 0.05, "BREATH": 0.05}
PARTS = 10
NOTE = "With other singers than these the noise of clear voices differs by about as much as that of breathy ones."


@dataclass(frozen=True, kw_only=True)
class Tones:
    """What is read of a voice, and what is true of it; single numbers have no shape.

    Attributes
    ----------
    level, room : float64 arrays
        As in `riffscope.analyzers.vocal_tone.Readings`; the room is empty where it was not read.
    stereo : mask
    noise_db, readings, tilt_db : float64 arrays, shape (bands,)
        As `db`, `readings` and `tilt_db` in `riffscope.dsp.voice.breath.Noise`; empty where too little is sung.
    f0_hz : float64 array
        Median pitch.
    level_db, wet_db, breathiness : float64 arrays
        The truth; `wet_db` is -inf for a dry voice.
    """

    level: Floats
    room: Floats
    stereo: Mask
    noise_db: Floats
    readings: Floats
    tilt_db: Floats
    f0_hz: Floats
    level_db: Floats
    wet_db: Floats
    breathiness: Floats

    @property
    def in_front(self) -> float:
        """Whether the voice is in front, 0 or 1; NaN between."""
        return _between(float(self.level_db), BEHIND_DB, IN_FRONT_DB)

    @property
    def dry(self) -> float:
        """Whether it is dry, 0 or 1; NaN between."""
        return 1.0 if np.isneginf(self.wet_db) else 0.0 if self.wet_db >= WET_DB else np.nan

    @property
    def breathy(self) -> float:
        """Whether it is breathy, 0 or 1; NaN between."""
        return _between(float(self.breathiness), BARELY_BREATHY, BREATHY)


def _between(value: float, no: float, yes: float) -> float:
    return 1.0 if value >= yes else 0.0 if value <= no else np.nan


def names(separator: Separator) -> tuple[str, ...]:
    """Return the constants that are fitted with a separator."""
    if separator == "none":
        return (*(f"MIX_{name}" for name in MEASURES), "MIX_LEVEL_REACH_LU")
    return (*CLEAR, *(f"SEPARATED_{name}" for name in MEASURES), "MONO_ROOM", "SEPARATED_LEVEL_REACH_LU")


def read(song: Song, separator: Separator) -> Tones | None:
    """Read the voice of a rendered song; None where nobody sings."""
    vocal = song.item.truth.get("vocal", {})
    if RENDERED not in song.item.kinds or not vocal.get("present"):
        return None
    with overheard(vocal_tone, "read_tone") as tones, overheard(vocal_tone, "excess") as noises:
        run(song, [vocal_tone.VocalTone], separator=separator)[vocal_tone.VocalTone]
    found = tones[0].gave
    noise = noises[0].given[0] if noises else Noise(*[np.zeros(0)] * 3)
    return Tones(
        level=found.level,
        room=np.zeros(0) if found.room is None else found.room,
        stereo=np.array(found.stereo),
        noise_db=noise.db,
        readings=noise.readings,
        tilt_db=noise.tilt_db,
        f0_hz=np.array(np.median(noises[0].given[1]) if noises else np.nan),
        level_db=np.array(vocal["level_db_over_backing"], np.float64),
        wet_db=np.array(vocal["reverb"]["wet_db"] if vocal["reverb"] else -np.inf),
        breathiness=np.array(vocal["breathiness"], np.float64),
    )


def learn(songs: Sequence[Tones], separator: Separator) -> Constants:
    """Fit the constants."""
    mix = separator == "none"
    way, ridge = ("MIX", MIX_RIDGE) if mix else ("SEPARATED", SEPARATED_RIDGE)
    clear = today(vocal_tone, CLEAR) if mix else learn_clear(songs)
    found: dict[str, Value] = {} if mix else dict(clear)
    found[f"{way}_LEVEL"], found[f"{way}_LEVEL_REACH_LU"] = learn_level(songs)
    rooms = [song for song in songs if song.room.size]
    stereo = [song for song in rooms if song.stereo]
    found[f"{way}_ROOM"] = _learn(
        [song.room for song in stereo], [song.dry for song in stereo], f"{way}_ROOM", ridge["ROOM"]
    )
    if not mix:
        mono = [song for song in rooms if not song.stereo]
        found["MONO_ROOM"] = _learn(
            [song.room for song in mono], [song.dry for song in mono], "SEPARATED_ROOM", ridge["ROOM"]
        )
    held = [song for song in songs if song.noise_db.size]
    # In a mix all frames count, and all songs are as sure: their noise alone tells.
    read = 1 if mix else len(breath.Excess._fields)
    *slopes, bias = _learn(
        [noise_beyond(song, clear)[:read] for song in held],
        [song.breathy for song in held],
        f"{way}_BREATH",
        ridge["BREATH"],
        share=BREATHY_SHARE,
    )
    found[f"{way}_BREATH"] = (*slopes, *[0.0] * (len(breath.Excess._fields) - read), bias)
    return found


def _learn(
    readings: Sequence[Floats], truth: Sequence[float], name: str, ridge: float, *, share: float | None = None
) -> tuple[float, ...]:
    """Fit log odds, and bring them to the scale of a measure."""
    known = np.isfinite(truth)
    if known.sum() < 2:
        raise CannotFit(f"too few songs tell {name}")
    rows, is_true = np.array(readings)[known], np.array(truth)[known] == 1
    weights = np.full(len(rows), ridge)
    if share is not None and 0 < is_true.mean() < 1:
        weights *= np.where(is_true, share / is_true.mean(), (1 - share) / (1 - is_true.mean()))
    slopes, bias = logistic(rows, is_true, weights=weights)
    scale = getattr(vocal_tone, f"{name}_SCALE_DB")
    limit = LIMITS[name.partition("_")[2]]
    return (*(float(scale * slope) for slope in slopes), float(limit + scale * bias))


def learn_level(songs: Sequence[Tones]) -> tuple[tuple[float, ...], float]:
    """Fit the weights of the level, and how far it may lie from its value."""
    from sklearn.linear_model import HuberRegressor

    if len(songs) < PARTS:
        raise CannotFit(f"{len(songs)} songs are too few")
    readings, level_db = np.array([song.level for song in songs]), np.array([float(song.level_db) for song in songs])

    def fitted(chosen: Mask) -> Any:
        return HuberRegressor(alpha=1.0, epsilon=2.0, max_iter=5000).fit(readings[chosen], level_db[chosen])

    part_of = np.random.default_rng(0).permutation(len(songs)) % PARTS
    missed = np.zeros(len(songs))
    for part in range(PARTS):
        held = part_of == part
        missed[held] = np.abs(fitted(~held).predict(readings[held]) - level_db[held])
    line = fitted(np.ones(len(songs), np.bool_))
    return (*(float(slope) for slope in line.coef_), float(line.intercept_)), conformal_margin(missed)


def learn_clear(songs: Sequence[Tones]) -> dict[str, tuple[float, ...]]:
    """Fit the noise of clear voices by band."""
    from sklearn.linear_model import HuberRegressor

    clear = [song for song in songs if song.breathy == 0 and song.noise_db.size]
    if len(clear) < 2:
        raise CannotFit("too few voices are clear")
    noise_db, readings, tilt_db = (
        np.array([getattr(song, name) for song in clear]) for name in ("noise_db", "readings", "tilt_db")
    )
    octaves = np.log2([float(song.f0_hz) / breath.USUAL_HZ for song in clear])
    lines = []
    for band_db, count, tilts in zip(noise_db.T, readings.T, tilt_db.T, strict=True):
        heard = np.isfinite(band_db)
        if heard.sum() < 2:
            raise CannotFit("too few clear voices are heard")
        rows = np.column_stack([octaves, tilts])[heard]
        weights = np.minimum(count[heard], 2 * breath.HALF_SURE)
        line = HuberRegressor(alpha=0.5).fit(rows, band_db[heard], sample_weight=weights)
        missed = np.abs(band_db[heard] - line.predict(rows))
        lines.append((float(line.intercept_), *(float(slope) for slope in line.coef_), float(1.48 * np.median(missed))))
    return dict(zip(CLEAR, zip(*lines, strict=True), strict=True))


def noise_beyond(song: Tones, clear: Constants) -> Floats:
    """Return the readings of breath under some noise of clear voices."""
    usual, per_octave, per_tilt, spread = (np.array(clear[name]) for name in CLEAR)
    noise = Noise(db=song.noise_db, readings=song.readings, tilt_db=song.tilt_db)
    return np.array(
        breath.excess(noise, song.f0_hz, usual=usual, per_octave=per_octave, per_tilt=per_tilt, spread=spread)
    )


def judge(song: Tones, constants: Constants, separator: Separator) -> Figures:
    """Judge the measures of a song under some constants."""
    way = "MIX" if separator == "none" else "SEPARATED"
    clear = constants if CLEAR[0] in constants else today(vocal_tone, CLEAR)
    room = f"{way}_ROOM" if song.stereo else "MONO_ROOM"
    asked = {
        "LEVEL": (f"{way}_LEVEL", song.level, song.in_front),
        "ROOM": (room, song.room, song.dry),
        "BREATH": (f"{way}_BREATH", noise_beyond(song, clear) if song.noise_db.size else np.zeros(0), song.breathy),
    }
    figures = {}
    for measure, (name, readings, truth) in asked.items():
        short = measure.lower()
        if measure == "LEVEL":
            reach = number(constants, f"{way}_LEVEL_REACH_LU")
        else:
            reach = float(np.log(19)) * getattr(vocal_tone, f"{way}_{measure}_SCALE_DB")
        decided = right = brier = np.nan
        if readings.size:
            *weights, bias = np.array(constants[name])
            found = float(readings @ np.array(weights) + bias)
            above = found - LIMITS[measure]
            if np.isfinite(truth):
                decided = float(abs(above) >= reach)
                right = float((above > 0) == (truth == 1)) if decided else np.nan
                brier = float((norm.cdf(above * norm.ppf(0.95) / reach) - truth) ** 2)
            if measure == "LEVEL":
                figures["level covered"] = float(abs(found - float(song.level_db)) <= reach)
        figures |= {f"{short} decided": decided, f"{short} right": right, f"{short} brier": brier}
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, fit, print."""
    chosen = read_command_line(__doc__, arguments)
    separators: tuple[Separator, ...] = ("spleeter", "none")
    for separator in separators:
        known = chosen.shelf.gather(
            Tones, chosen.songs, functools.partial(read, separator=separator), of=f"tone-{separator}"
        )
        group = Group(
            title=f"Vocal tone, {'in the mix' if separator == 'none' else 'vocals separated'}",
            today=today(vocal_tone, names(separator)),
            learn=functools.partial(learn, separator=separator),
            judge=functools.partial(judge, separator=separator),
            note=NOTE,
        )
        report(group, known)
    return 0


if __name__ == "__main__":
    sys.exit(main())
