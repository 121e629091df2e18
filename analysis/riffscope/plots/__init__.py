"""One figure per analyzer, drawn from its result alone, and two that set songs against each other.

Each module offers one function with its own name: ``plots.timeline(song)`` is the function of
`riffscope.plots.timeline`. They take a `SongAnalysis`, return a matplotlib `Figure` and raise `NotMeasured` where the
song has nothing to draw; ``plots.differences`` takes a `Comparison`, ``plots.side_by_side`` several songs.
"""

# The order matters not; that the functions are bound here does: loading a submodule binds its module to the package
# first, and these names then replace it for good.
from riffscope.plots.balance import balance
from riffscope.plots.beats import beats
from riffscope.plots.density import density
from riffscope.plots.differences import differences
from riffscope.plots.loop_map import loop_map
from riffscope.plots.loudness import loudness
from riffscope.plots.side_by_side import side_by_side
from riffscope.plots.similarity import similarity
from riffscope.plots.stereo import stereo
from riffscope.plots.style import to_svg
from riffscope.plots.tempo import tempo
from riffscope.plots.timeline import timeline
from riffscope.plots.vocal_pitch import vocal_pitch
from riffscope.plots.vocal_range import vocal_range

__all__ = [
    "balance",
    "beats",
    "density",
    "differences",
    "loop_map",
    "loudness",
    "side_by_side",
    "similarity",
    "stereo",
    "tempo",
    "timeline",
    "to_svg",
    "vocal_pitch",
    "vocal_range",
]
