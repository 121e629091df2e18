"""Steps: functions that turn values into values, ordered by the types of their parameters.

A *view* is a shared picture of the sound (a mono mix, a spectrum), made once per song when a step asks for it and
not kept. An *analyzer* is a measurement; its result type names it in JSON (`VocalRange` -> ``vocal_range``). A
*claim* turns measurements into a finding. One file per step; the packages `views`, `analyzers`, `claims` and
`export` are walked to find them, so there is no list to keep.
"""

import functools
import importlib
import inspect
import pkgutil
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from riffscope.model import snake_case

F = TypeVar("F", bound=Callable[..., Any])
Kind = Literal["view", "analyzer", "claim", "export"]

_MARK = "__riffscope_step__"


@dataclass(frozen=True, kw_only=True)
class Need:
    """One positional parameter of a step: the type it takes, and whether it can do without."""

    type: type
    optional: bool


@dataclass(frozen=True, kw_only=True)
class Step:
    """A discovered step.

    Attributes
    ----------
    name : str
        The result type in snake case for views and analyzers; the function's name for claims and exports.
    needs : tuple of Need
        The positional parameters, in order. ``X | None`` is given None where X is missing.
    options : mapping
        The keyword-only parameters and their defaults (`inspect.Parameter.empty` where there is none).
    large : bool
        Whether what it makes takes about as much memory as the song itself.
    heavy : bool
        Whether it takes about as much while it runs.
    """

    name: str
    kind: Kind
    version: int
    function: Callable[..., Any]
    produces: type
    needs: tuple[Need, ...]
    options: Mapping[str, Any]
    large: bool = False
    heavy: bool = False

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]


def view(function: F) -> F:
    """Mark a function as a shared picture of the sound."""
    return _mark(function, "view", 0)


def heavy_view(function: F) -> F:
    """Mark a function as a view that takes much memory while it is made: only one step that does runs at a time."""
    return _mark(function, "view", 0, heavy=True)


def large_view(function: F) -> F:
    """Mark a function as a view that is about as large as the song: in one thread it is made as late as it can be."""
    return _mark(function, "view", 0, large=True, heavy=True)


def analyzer(*, version: int, heavy: bool = False) -> Callable[[F], F]:
    """Mark a function as a measurement. Raise the version when its answers change.

    Parameters
    ----------
    heavy : bool
        Whether it takes much memory while it runs, as `heavy_view` does.
    """
    return lambda function: _mark(function, "analyzer", version, heavy=heavy)


def claim(function: F) -> F:
    """Mark a function as a kind of claim: measurements in, finding out."""
    return _mark(function, "claim", 0)


def export(function: F) -> F:
    """Mark a function as an export: results or views in, files out. It returns their paths."""
    return _mark(function, "export", 0)


def _mark(function: F, kind: Kind, version: int, *, large: bool = False, heavy: bool = False) -> F:
    setattr(function, _MARK, (kind, version, large, heavy))
    return function


def read_step(function: Callable[..., Any]) -> Step:
    """Read a marked function's inputs and output from its annotations.

    Raises
    ------
    TypeError
        A parameter or the result has no annotation, or one that names no single type.
    """
    kind, version, large, heavy = getattr(function, _MARK)
    hints = typing.get_type_hints(function)
    needs, options = [], {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY:
            options[parameter.name] = parameter.default
        else:
            needs.append(_need(function, parameter.name, hints.get(parameter.name)))
    produces = list if kind == "export" else hints.get("return")
    if not isinstance(produces, type):
        raise TypeError(f"{function.__module__}.{function.__name__} must say what it returns")
    name = function.__name__ if kind in {"claim", "export"} else snake_case(produces.__name__)
    return Step(
        name=name,
        kind=kind,
        version=version,
        function=function,
        produces=produces,
        needs=tuple(needs),
        options=types.MappingProxyType(options),
        large=large,
        heavy=heavy,
    )


def _need(function: Callable[..., Any], name: str, hint: Any) -> Need:
    parts = typing.get_args(hint) if typing.get_origin(hint) in {typing.Union, types.UnionType} else (hint,)
    wanted = [part for part in parts if part is not types.NoneType]
    if len(wanted) != 1 or not isinstance(wanted[0], type):
        raise TypeError(f"{function.__module__}.{function.__name__}: parameter {name} must be annotated with one type")
    return Need(type=wanted[0], optional=len(parts) > 1)


@functools.cache
def discover(package: str) -> tuple[Step, ...]:
    """Find every step in the modules of a package such as ``riffscope.analyzers``, in the order of their names."""
    found: dict[str, Step] = {}
    for function in _marked_functions(package):
        step = read_step(function)
        if (twin := found.setdefault(step.name, step)) is not step:
            raise TypeError(f"two steps are called {step.name}: {twin.function.__module__} and {function.__module__}")
    return tuple(found[name] for name in sorted(found))


def _marked_functions(package: str) -> Iterator[Callable[..., Any]]:
    for info in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
        module = importlib.import_module(info.name)
        for member in vars(module).values():
            if inspect.isfunction(member) and hasattr(member, _MARK) and member.__module__ == module.__name__:
                yield member


def views() -> tuple[Step, ...]:
    """Return every shared picture of the sound."""
    return discover("riffscope.views")


def analyzers() -> tuple[Step, ...]:
    """Return every measurement."""
    return discover("riffscope.analyzers")


def claims() -> tuple[Step, ...]:
    """Return every kind of claim."""
    return discover("riffscope.claims")


def exports() -> tuple[Step, ...]:
    """Return every format that can be exported."""
    return discover("riffscope.export")


def producers() -> dict[type, Step]:
    """Return the step that makes each type."""
    return {step.produces: step for step in (*views(), *analyzers())}


def closure(wanted: Iterable[Step], roots: Iterable[type]) -> dict[type, Step]:
    """Return the wanted steps and all that they need, by result type.

    Raises
    ------
    TypeError
        A step needs a type that neither a step nor a root gives.
    """
    makers, given = producers(), set(roots)
    chosen: dict[type, Step] = {}
    waiting = list(wanted)
    while waiting:
        step = waiting.pop()
        if step.produces in chosen:
            continue
        chosen[step.produces] = step
        for need in step.needs:
            if need.type in given:
                continue
            if need.type not in makers:
                raise TypeError(f"{step.name} needs a {need.type.__name__}, which nothing makes")
            waiting.append(makers[need.type])
    return chosen
