"""The figures that the package has, and those of made-up songs, each drawn once in a run."""

import inspect

from riffscope import plots, steps
from riffscope.song import SongAnalysis
from songs import example_song

# Those that a made-up song has: measurements that it lacks have their figures tested on songs of their own.
LACKING = {step.name for step in steps.analyzers()} - set(example_song().outcomes)
OF_A_SONG = tuple(
    name
    for name, draw in plots.FIGURES.items()
    if next(iter(inspect.signature(draw).parameters.values())).annotation is SongAnalysis and name not in LACKING
)
# By figure and song; songs are kept, so that no other can take the place in memory that one is known by.
_drawn = {}


def figure_of(name, song):
    """Draw a figure of a song, or return what was drawn before: to be looked at, not to be changed.

    Raises
    ------
    NotMeasured
        As the figure does.
    """
    key = (name, id(song))
    if key not in _drawn:
        _drawn[key] = plots.FIGURES[name](song), song
    return _drawn[key][0]
