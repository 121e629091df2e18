"""riffscope measures how a song is produced and tests what people claim about it.

>>> from riffscope import analyze, load
>>> song = analyze(load("song.flac"))  # doctest: +SKIP
"""

from riffscope.load import load
from riffscope.song import SongAnalysis, analyze

__all__ = ["SongAnalysis", "analyze", "load"]
