"""A loop: one pass of the riff, or of another passage, as a sound file that repeats seamlessly.

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
from riffscope.analyzers.loops import Loop, Loops, RiffPass
from riffscope.arrays import Float32s, Floats
from riffscope.dsp.downmix import downmix
from riffscope.dsp.repetition.loop_sound import Take, align, common_sound, cut_seamlessly
from riffscope.errors import Absence, CannotMeasure
from riffscope.export.song_files import made_from, song_paths
from riffscope.export.sound import write_sound
from riffscope.model import Audio
from riffscope.steps import export
from riffscope.views.stems import Stems

# More passes than this do not change the median. Chosen, not fitted.
MAX_PASSES = 12
# Sound on either side of the pass, so that the cut can move to an attack: at least 60 ms.
MARGIN_S = 0.1


@export
def loop(found: Loops, beats: Beats, parts: Stems, audio: Audio, *, folder: Path, which: int = 1) -> list[Path]:
    """Write ``SONG.loop.wav``, one pass of the riff from downbeat to downbeat, which repeats seamlessly.

    It is the pass that is most similar to the others, taken from the accompaniment where the vocals were separated.
    What the other passes do not share is attenuated: remains of the voice, fills, what plays only once. The file says
    that it loops from its first sample to its last, so samplers repeat it. Where it would go beyond full scale it is
    turned down as a whole until its peak is 1, so that it does not clip when it is converted. The song's second loop is
    ``SONG.loop.2.wav``.

    Parameters
    ----------
    which : int
        1: the riff; 2: the first of the other loops ...

    Raises
    ------
    CannotMeasure
        The song has fewer loops.
    """
    every = (found, *found.others)
    if not 1 <= which <= len(every):
        count = "one loop" if len(every) == 1 else f"{len(every)} loops"
        raise CannotMeasure(Absence.NO_RIFF, f"no loop {which}: the song has {count}")
    chosen = every[which - 1]
    rate_hz = parts.sample_rate_hz
    takes = [Take(edges=edges_s * rate_hz) for edges_s in whole_passes(chosen, beats.times_s)]
    cleanest = chosen.example.start_s * rate_hz
    reference = int(np.argmin([abs(take.edges[0] - cleanest) for take in takes]))
    accompaniment = parts.accompaniment_or_mix
    aligned = align(downmix(accompaniment), takes, reference, sample_rate_hz=rate_hz)
    margin = int(MARGIN_S * rate_hz)
    sound = common_sound(accompaniment, aligned, reference, margin=margin, sample_rate_hz=rate_hz)
    number = f".{which}" if which > 1 else ""
    paths = song_paths(audio.source, folder, [f"loop{number}.wav"])
    cut = within_full_scale(cut_seamlessly(sound, margin, sample_rate_hz=rate_hz))
    return [write_sound(path, cut, rate_hz, comment=made_from(audio.source), loops=True) for path in paths]


def within_full_scale(samples: Float32s) -> Float32s:
    """Turn sound down as a whole where it goes beyond full scale: its peak is 1 then."""
    peak = float(np.abs(samples).max(initial=0.0))
    return samples if peak <= 1 else np.clip(samples / np.float32(peak), -1, 1)


def whole_passes(found: Loop, times_s: Floats) -> list[Floats]:
    """Return the beats of the whole passes of a loop: (period + 1,) seconds each. Of the riff, the most similar first.

    Where no pass is whole, it is the cleanest stretch of one period.

    Parameters
    ----------
    found : Loop
    times_s : float64 array, shape (n_beats,)
        The beats that it was found on.
    """
    period = found.period_beats
    edges_s = np.append(times_s, 2 * times_s[-1] - times_s[-2])
    first_beats = [int(np.argmin(np.abs(times_s - start_s))) for start_s in _starts_s(found)]
    passes = [edges_s[first : first + period + 1] for first in first_beats if first + period < len(edges_s)]
    return passes[:MAX_PASSES] or [np.linspace(found.example.start_s, found.example.end_s, period + 1)]


def _starts_s(found: Loop) -> list[float]:
    """Return where whole passes begin: of the riff the most similar first, of another loop the cleanest."""
    if isinstance(found, Loops):
        whole = [one for one in found.riff_passes if one.is_whole]
        return [one.start_s for one in sorted(whole, key=_dissimilarity)]
    starts_s = [one.start_s for one in found.whole_passes]
    return sorted(starts_s, key=lambda start_s: abs(start_s - found.example.start_s))


def _dissimilarity(one: RiffPass) -> float:
    return -one.similarity
