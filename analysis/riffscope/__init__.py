"""riffscope measures how a song is produced and tests what people claim about it.

>>> import riffscope
>>> song = riffscope.analyze("song.flac")  # doctest: +SKIP
>>> song.verdicts  # doctest: +SKIP
>>> riffscope.report("song.flac")  # doctest: +SKIP

These functions are those of `riffscope.workflow`. `riffscope.plots` draws what was measured; it is imported on its own,
for matplotlib takes its time.
"""

import logging

# The functions below replace the modules of their names for good, but only where those were loaded before.
import riffscope.compare
import riffscope.export
import riffscope.judge
import riffscope.report  # noqa: F401
from riffscope.library.asking import find_near, judge_library
from riffscope.library.filling import fill_library
from riffscope.load import load
from riffscope.song import SongAnalysis
from riffscope.workflow import analyze, check, compare, describe_measures, export, judge, read, report, table

__all__ = [
    "SongAnalysis",
    "analyze",
    "check",
    "compare",
    "describe_measures",
    "export",
    "fill_library",
    "find_near",
    "judge",
    "judge_library",
    "load",
    "read",
    "report",
    "table",
]

# Without a handler of the program's own, Python would print what is logged.
logging.getLogger("riffscope").addHandler(logging.NullHandler())
