"""Write one pass of the riff as a sound file that repeats seamlessly.

Conventions
-----------
Times are seconds from the start of the file. The sound is 32-bit float at the song's own rate.

References
----------
`riffscope.dsp.repetition.loop_sound`.
"""

from pathlib import Path

import numpy as np

from riffscope.analyzers.beats import Beats
from riffscope.analyzers.loops import Loops, RiffPass
from riffscope.arrays import Floats
from riffscope.dsp.downmix import downmix
from riffscope.dsp.repetition.loop_sound import Take, align, common_sound, cut_seamlessly
from riffscope.export.sound import write_sound
from riffscope.files import safe_name
from riffscope.model import Audio
from riffscope.steps import export
from riffscope.views.stems import Stems

# More passes than this do not change the median. Chosen, not fitted.
MAX_PASSES = 12
# Sound on either side of the pass, so that the cut can move to an attack: at least 60 ms.
MARGIN_S = 0.1


@export
def loop(found: Loops, beats: Beats, parts: Stems, audio: Audio, *, folder: Path) -> list[Path]:
    """Write ``SONG.loop.wav``, one pass of the riff from downbeat to downbeat, which repeats seamlessly.

    It is the pass that is most similar to the others, taken from the accompaniment where the vocals were separated.
    What the other passes do not share is attenuated: remains of the voice, fills, what plays only once.
    """
    rate_hz = parts.sample_rate_hz
    takes = [Take(edges=edges_s * rate_hz) for edges_s in whole_passes(found, beats.times_s)]
    cleanest = found.example.start_s * rate_hz
    reference = int(np.argmin([abs(take.edges[0] - cleanest) for take in takes]))
    aligned = align(downmix(parts.accompaniment_or_mix), takes, reference, sample_rate_hz=rate_hz)
    margin = int(MARGIN_S * rate_hz)
    sound = common_sound(parts.accompaniment_or_mix, aligned, reference, margin=margin, sample_rate_hz=rate_hz)
    path = folder / f"{safe_name(Path(audio.source.name).stem)}.loop.wav"
    return [write_sound(path, cut_seamlessly(sound, margin, sample_rate_hz=rate_hz), rate_hz)]


def whole_passes(found: Loops, times_s: Floats) -> list[Floats]:
    """Return the beats of the whole passes of the riff, the most similar first: (period + 1,) seconds each.

    Where no pass is whole, it is the cleanest stretch of one period.

    Parameters
    ----------
    found : Loops
    times_s : float64 array, shape (n_beats,)
        The beats that it was found on.
    """
    period = found.period_beats
    edges_s = np.append(times_s, 2 * times_s[-1] - times_s[-2])
    whole = [one for one in found.riff_passes if one.is_whole]
    first_beats = [int(np.argmin(np.abs(times_s - one.start_s))) for one in sorted(whole, key=_dissimilarity)]
    passes = [edges_s[first : first + period + 1] for first in first_beats if first + period < len(edges_s)]
    return passes[:MAX_PASSES] or [np.linspace(found.example.start_s, found.example.end_s, period + 1)]


def _dissimilarity(one: RiffPass) -> float:
    return -one.similarity
