"""The song fades out."""

from typing import Literal

import numpy as np

from riffscope.analyzers.envelope import Envelope
from riffscope.arrays import Floats
from riffscope.claims.reading import turned
from riffscope.claims.rounds import ruled_by
from riffscope.dsp.decibels import level_dbfs, power_db
from riffscope.errors import Absence, NotMeasured
from riffscope.model import Evidence, Finding, Span
from riffscope.steps import claim
from riffscope.units import DB, SECONDS

# The level is that of so long a stretch around each step.
OVER_S = 1.0
# A fade begins where the level is last so far below that of the song, in dB, and is over where it is last so far
# below: further down it is lost in noise.
BEGINS_DB, ENDS_DB = -3.0, -25.0
# A fade takes so long at least; what falls in less is a last note that dies away, or a cut. This and the next two were
# chosen on 44 rendered songs: of their fades over 5 to 14 s, 17 are told and 3 denied; of the songs as they end and cut
# short, none of 88 is said to fade, and 82 are said not to.
FADE_S, CUT_S = 5.0, 2.0
# The level of a fade falls steadily: over time its correlation is this at most. From the next on it falls in steps, as
# where one instrument after the other leaves.
STEADY, IN_STEPS = -0.95, -0.85
# Music that fades keeps its beat: its level goes up and down around the fall by so many dB, where a chord that dies
# away falls smoothly.
PULSE_DB = 0.35
# How likely it fades out: where it takes long and the music goes on, where either is in doubt, and where it ends.
FADES, OPEN, ENDS = 0.92, 0.45, 0.06


@claim
def fades_out(envelope: Envelope, *, relation: Literal["present", "absent"] = "present") -> Finding:
    """Ask whether the song fades out; with `absent`, whether it ends without a fade.

    It fades out if its level falls by 25 dB over some seconds while the music goes on. A last chord that dies away for
    as long leaves the claim inconclusive.
    """
    level_db, usual_db = _level_db(envelope)
    below_db = level_db - usual_db
    loud = np.flatnonzero(below_db >= BEGINS_DB)
    if not loud.size:
        raise NotMeasured("envelope", Absence.TOO_SHORT, "the song is too short to fade")
    first, last = int(loud[-1]), int(np.flatnonzero(below_db >= ENDS_DB)[-1])
    fall_s = (last - first) * envelope.step_s
    until_db = float(below_db[last:].min())
    # Smoothed, the level ends a little after the song does.
    end = envelope.rms.size
    span = Span(start_s=min(first, end - 1) * envelope.step_s, end_s=min(last + 1, end) * envelope.step_s)
    pulse_db = _pulse_db(envelope, first, last)
    steadiness = _steadiness(envelope, first, last)
    if until_db > ENDS_DB:
        probability, told = ENDS, f"The song breaks off before its level has fallen by {DB.format(-ENDS_DB)}"
    elif fall_s < CUT_S:
        probability, told = (
            ENDS,
            f"The ending takes {SECONDS.format(fall_s)}, too short for a fade (needs {SECONDS.given(CUT_S)})",
        )
    elif steadiness > IN_STEPS:
        probability, told = ENDS, f"The level falls in steps over {SECONDS.format(fall_s)}, not steadily"
    elif fall_s >= FADE_S and steadiness <= STEADY and pulse_db >= PULSE_DB:
        probability, told = FADES, f"The level falls steadily over {SECONDS.format(fall_s)} while the music goes on"
    else:
        probability, told = (
            OPEN,
            f"The level falls over {SECONDS.format(fall_s)}: either a short fade or a last sound dying away",
        )
    found = Finding(
        ruling=ruled_by(probability),
        because=told,
        probability=probability,
        evidence=(Evidence(label="Its end", measure="envelope.rms", spans=(span,)),),
    )
    return found if relation == "present" else turned(found)


def _level_db(envelope: Envelope) -> tuple[Floats, float]:
    """Return the level around each step, and that of the song: the upper half of its steps. In dB."""
    power = np.square(envelope.rms)
    steps = max(1, round(OVER_S / envelope.step_s))
    if power.size < 2 * steps or power.max() == 0:
        raise NotMeasured("envelope", Absence.TOO_SHORT, "the song is silent or too short to fade")
    # Silence beyond the end lets a song that breaks off fall at once.
    smooth = np.convolve(np.append(power, np.zeros(steps)), np.ones(steps) / steps, mode="same")
    level_db: Floats = power_db(smooth)
    return level_db, float(power_db(np.array([np.mean(power[power >= np.median(power)])]))[0])


def _steadiness(envelope: Envelope, first: int, last: int) -> float:
    """Return the correlation of the level, over two seconds each, with time: -1 where it falls evenly."""
    steps = max(1, round(2 * OVER_S / envelope.step_s))
    smooth = np.convolve(np.square(envelope.rms), np.ones(steps) / steps, mode="same")
    level_db = level_dbfs(smooth[first : last + 1])
    if level_db.size < 3 or np.ptp(level_db) == 0:
        return 0.0
    return float(np.corrcoef(np.arange(level_db.size), level_db)[0, 1])


def _pulse_db(envelope: Envelope, first: int, last: int) -> float:
    """Return how far the level of single steps lies from that around them, while it falls: the median, in dB."""
    steps = max(1, round(OVER_S / envelope.step_s))
    if last - first < steps:
        return 0.0
    each_db = level_dbfs(np.square(envelope.rms[first : last + 1]))
    around_db = np.convolve(each_db, np.ones(steps) / steps, mode="valid")
    inside = each_db[steps // 2 : steps // 2 + around_db.size]
    return float(np.median(np.abs(inside - around_db)))
