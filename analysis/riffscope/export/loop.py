"""The riff as a sound file that can be played over and over."""

from pathlib import Path

import numpy as np

from riffscope.analyzers.beats import Beats
from riffscope.analyzers.loops import Loops
from riffscope.arrays import Floats
from riffscope.dsp.downmix import downmix
from riffscope.dsp.repetition.loop_sound import Pass, align, common_sound, go_round
from riffscope.export.sound import write_sound
from riffscope.files import safe_name
from riffscope.model import Audio
from riffscope.steps import export
from riffscope.views.stems import Stems

# More passes than this tell nothing more.
MAX_PASSES = 12
# Room for the cut to move to an attack.
MARGIN_S = 0.1


@export
def loop(found: Loops, beats: Beats, parts: Stems, audio: Audio, *, folder: Path) -> list[Path]:
    """Write ``SONG.loop.wav``, one pass of the riff from bar line to bar line, to be played over and over.

    It is the pass that is most like the others, from behind the voice where that was taken out of the mix, with what
    the other passes do not share taken down: remains of the voice, fills, what plays once. 32-bit float at the song's
    own rate.
    """
    rate_hz = parts.sample_rate_hz
    passes = [Pass(edges=edges_s * rate_hz) for edges_s in whole_passes(found, beats.times_s)]
    cleanest = found.example.start_s * rate_hz
    reference = int(np.argmin([abs(one.edges[0] - cleanest) for one in passes]))
    aligned = align(downmix(parts.accompaniment_or_mix), passes, reference, sample_rate_hz=rate_hz)
    margin = int(MARGIN_S * rate_hz)
    sound = common_sound(parts.accompaniment_or_mix, aligned, reference, margin=margin, sample_rate_hz=rate_hz)
    path = folder / f"{safe_name(Path(audio.source.name).stem)}.loop.wav"
    return [write_sound(path, go_round(sound, margin, sample_rate_hz=rate_hz), rate_hz)]


def whole_passes(found: Loops, times_s: Floats) -> list[Floats]:
    """Return the beats of the passes that are heard whole, the most alike first: (period + 1,) seconds each.

    Where there is none, the cleanest stretch of one period.

    Parameters
    ----------
    found : Loops
    times_s : float64 array, shape (n_beats,)
        The beats that it was found on.
    """
    period = found.period_beats
    period_bars = max(1, round(found.period_bars))
    edges_s = np.append(times_s, 2 * times_s[-1] - times_s[-2])
    passes = []
    for bar in np.flatnonzero(found.bar_place_index == 0):
        first = int(np.argmin(np.abs(times_s - found.bar_starts_s[bar])))
        edges = edges_s[first : first + period + 1]
        slack_s = (edges[-1] - edges[0]) / (4 * period)
        inside = any(span.start_s - slack_s <= edges[0] and edges[-1] <= span.end_s + slack_s for span in found.spans)
        if len(edges) == period + 1 and inside:
            passes.append((float(found.bar_similarity[bar : bar + period_bars].mean()), edges))
    if not passes:
        return [np.linspace(found.example.start_s, found.example.end_s, period + 1)]
    passes.sort(key=lambda one: -one[0])
    return [edges for _, edges in passes[:MAX_PASSES]]
