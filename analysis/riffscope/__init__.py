"""riffscope measures how a song is produced and tests what people claim about it.

>>> from riffscope import analyze, compare, judge, load
>>> song = analyze(load("song.flac"))  # doctest: +SKIP
>>> judge(song)  # doctest: +SKIP

`riffscope.plots` draws what was measured; it is imported on its own, for matplotlib takes its time.
"""

# As in `riffscope.plots`, binding the functions here replaces the modules of the same names.
from riffscope.compare import compare
from riffscope.judge import judge
from riffscope.load import load
from riffscope.song import SongAnalysis, analyze

__all__ = ["SongAnalysis", "analyze", "compare", "judge", "load"]
