"""The page of the command line: what ``--help`` says of each command."""

import argparse
import os
from collections.abc import Iterator
from unittest.mock import patch

from docs.markdown import page
from riffscope.cli import make_parser

# As wide as a code block of the site.
COLUMNS = "88"


def pages() -> dict[str, str]:
    """Return the page."""
    # argparse fits its help to the terminal, and from Python 3.14 on colours it.
    with patch.dict(os.environ, {"COLUMNS": COLUMNS, "NO_COLOR": "1"}):
        parser = make_parser()
        parts = [f"## {sub.prog}\n\n{_help(sub)}" for sub in _commands(parser)]
        return {
            "commands.md": page(
                "# Command line",
                "Results go to stdout, progress and warnings to stderr. SONG is an audio file, a saved"
                "\nanalysis, or a folder of them.",
                _help(parser),
                *parts,
            )
        }


def _help(parser: argparse.ArgumentParser) -> str:
    return f"```text\n{parser.format_help().strip()}\n```"


def _commands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield the parsers of the commands, and of their actions after each."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for sub in action.choices.values():
                yield sub
                yield from _commands(sub)
