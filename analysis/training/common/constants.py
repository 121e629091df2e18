"""Constants of the package: read by name, tried at other values, and functions listened to while a song is analysed.

The package is never changed on disk. What a script tries it sets in the loaded module for as long as a ``with`` lasts,
so that today's values and new ones are judged by the very functions that riffscope runs.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

Value = float | tuple[float, ...]
Constants = Mapping[str, Value]
"""Constants by name; several numbers that belong together are a tuple."""


def today(module: ModuleType, names: Sequence[str]) -> dict[str, Value]:
    """Read constants of a module.

    Raises
    ------
    AttributeError
        It has no such constant: it was renamed, and the script has to be told.
    """
    return {name: _as_value(getattr(module, name)) for name in names}


def number(constants: Constants, name: str) -> float:
    """Return a constant that is one number.

    Raises
    ------
    TypeError
        It is several.
    """
    value = constants[name]
    if isinstance(value, tuple):
        raise TypeError(f"{name} is {len(value)} numbers")
    return value


@contextmanager
def tried(module: ModuleType, constants: Constants) -> Iterator[None]:
    """Set constants of a module to other values, and back at the end.

    Raises
    ------
    AttributeError
        It has no such constant.
    """
    before = {name: getattr(module, name) for name in constants}
    try:
        for name, value in constants.items():
            setattr(module, name, _like(before[name], value))
        yield
    finally:
        for name, value in before.items():
            setattr(module, name, value)


def _like(before: Any, value: Value) -> Any:
    """Give a value the form that the constant has: an array, a named tuple, or as it is."""
    if isinstance(before, np.ndarray):
        return np.array(value)
    return type(before)(*value) if hasattr(before, "_fields") and isinstance(value, tuple) else value


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of a function: what it was given, in order, and what it gave."""

    given: tuple[Any, ...]
    gave: Any


@contextmanager
def overheard(module: ModuleType, name: str) -> Iterator[list[Call]]:
    """List the calls that a module makes of a function while the ``with`` lasts: what stays inside a step is heard.

    Raises
    ------
    AttributeError
        The module knows no such function.
    """
    function = getattr(module, name)
    calls: list[Call] = []

    def listen(*args: Any, **kwargs: Any) -> Any:
        gave = function(*args, **kwargs)
        calls.append(Call(given=(*args, *kwargs.values()), gave=gave))
        return gave

    setattr(module, name, listen)
    try:
        yield calls
    finally:
        setattr(module, name, function)


def _as_value(content: Any) -> Value:
    if isinstance(content, tuple | np.ndarray):
        return tuple(float(each) for each in content)
    return float(content)
