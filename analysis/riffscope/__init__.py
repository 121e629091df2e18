"""riffscope measures how a song is produced and tests what people claim about it.

>>> import riffscope
>>> song = riffscope.analyze("song.flac")  # doctest: +SKIP
>>> song.verdicts  # doctest: +SKIP
>>> riffscope.report("song.flac")  # doctest: +SKIP

These functions are those of `riffscope.workflow`, loaded when the first of them is used. `riffscope.plots` draws what
was measured; it is imported on its own, for matplotlib takes its time.
"""

import importlib
import logging
import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

# Where each is found.
_HOMES = dict.fromkeys(__all__, "riffscope.workflow") | {
    "SongAnalysis": "riffscope.song",
    "fill_library": "riffscope.library.filling",
    "find_near": "riffscope.library.asking",
    "judge_library": "riffscope.library.asking",
    "load": "riffscope.load",
}


class _Package(types.ModuleType):
    """The package: what it offers is loaded when it is asked for.

    Some of its functions have the names of modules in it: ``riffscope.compare`` is always the function.
    """

    def __getattr__(self, name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        found = getattr(importlib.import_module(_HOMES[name]), name)
        super().__setattr__(name, found)
        return found

    def __setattr__(self, name: str, content: Any) -> None:
        # Whoever imports a module is given it from `sys.modules`; Python also hangs it here.
        if name in _HOMES and isinstance(content, types.ModuleType):
            return
        super().__setattr__(name, content)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *__all__})


sys.modules[__name__].__class__ = _Package

# Without a handler of the program's own, Python would print what is logged.
logging.getLogger("riffscope").addHandler(logging.NullHandler())
