"""Figures: each drawn from the results of an analysis alone, in a file of its own.

A figure is a module of this package with one function of the same name, marked ``@style.figure``: ``plots.timeline``
is the function of `riffscope.plots.timeline`. The package is walked to find them, so there is no list to keep. Most
take a `SongAnalysis`; those that set songs against each other take several, or their `Comparison`. They return a
matplotlib `Figure` and raise `NotMeasured` where there is nothing to draw. A figure with the name of a measurement
shows that measurement in the report.
"""

import importlib
import inspect
import pkgutil
import types
from collections.abc import Mapping

from riffscope.plots.style import Draw, is_figure, to_svg


def _discover() -> dict[str, Draw]:
    found: dict[str, Draw] = {}
    for info in pkgutil.iter_modules(__path__, f"{__name__}."):
        module, name = importlib.import_module(info.name), info.name.rpartition(".")[2]
        for function in vars(module).values():
            if inspect.isfunction(function) and is_figure(function) and function.__module__ == module.__name__:
                if function.__name__ != name:
                    raise TypeError(f"{module.__name__} draws {function.__name__}: a figure is called like its file")
                found[name] = function
    return found


FIGURES: Mapping[str, Draw] = types.MappingProxyType(_discover())
"""Every figure by its name."""

# Loading a submodule binds it to the package under its name. All of them are loaded by now, and a module that is loaded
# is not bound again: here the functions take these names for good.
globals().update(FIGURES)


def __getattr__(name: str) -> Draw:
    """Say that there is no such figure; type checkers learn from this what a figure is."""
    raise AttributeError(f"there is no figure called {name}; there are {', '.join(FIGURES)}")


__all__ = ["FIGURES", "to_svg"]
