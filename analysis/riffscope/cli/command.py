"""What a command is, and how the commands are found."""

import argparse
import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Run = Callable[[argparse.Namespace], int]

DONE = 0
REFUSED = 1
WRONG_USAGE = 2
INTERRUPTED = 130

_MARK = "__riffscope_command__"


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command of the command line.

    Attributes
    ----------
    name : str
        Of its module.
    place : int
        Where it stands in the help; the tens are its group there.
    about : str
        One line, without a full stop.
    run : callable
        Does it and returns the exit status.
    arguments : callable
        Adds its arguments to a parser: the module's function of that name, where it has one.
    """

    name: str
    place: int
    about: str
    run: Run
    arguments: Callable[[argparse.ArgumentParser], None]


def command(*, place: int, about: str) -> Callable[[Run], Run]:
    """Mark the function that runs a command."""

    def mark(run: Run) -> Run:
        setattr(run, _MARK, (place, about))
        return run

    return mark


def discover() -> list[Command]:
    """Find the commands, in the order of the help."""
    package = importlib.import_module("riffscope.cli.commands")
    found = []
    for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(info.name)
        run = next(member for _, member in inspect.getmembers(module, inspect.isfunction) if hasattr(member, _MARK))
        place, about = getattr(run, _MARK)
        arguments = getattr(module, "arguments", lambda _: None)
        name = info.name.rpartition(".")[2]
        found.append(Command(name=name, place=place, about=about, run=run, arguments=arguments))
    return sorted(found, key=lambda one: one.place)


def add_to(commands: Any, name: str, run: Run, about: str) -> argparse.ArgumentParser:
    """Add a parser for a command, or for an action of one."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=about, description=f"{about[:1].upper()}{about[1:]}."
    )
    parser.set_defaults(run=run, parser=parser)
    noise = parser.add_mutually_exclusive_group()
    noise.add_argument("-v", "--verbose", action="store_true", help="also show which steps run and how long each takes")
    noise.add_argument("--debug", action="store_true", help="also show where a step fails, for a bug report")
    return parser


def add_force_option(parser: "argparse.ArgumentParser | argparse._ArgumentGroup") -> None:
    """Add the option of every command that writes files."""
    parser.add_argument("--force", action="store_true", help="replace files that already exist")
