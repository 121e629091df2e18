"""The help of the command line: its commands by what they are for, examples, and what was meant by a mistyped word."""

import argparse
import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from riffscope.cli.command import Command
from riffscope.cli.console import columns
from riffscope.errors import one_line

ABOUT = (
    "riffscope measures how a song is made: tempo, key, chords, the singer's range, riffs, loudness and more. It works"
    " offline on your own files, and says how sure it is of every number."
)
EXIT_STATUS = "Exit status: 0 done, 1 a song was refused or failed, 2 wrong usage, 130 interrupted."
# Groups of commands, by the tens of their places.
GROUPS = ("Songs", "Libraries of songs", "Texts and claims about songs", "Models and formats")
EXAMPLES = (
    ("demo", "try it on the bundled songs"),
    ("analyze song.mp3", "measure a song"),
    ("analyze music --out analyses", "measure all songs in a folder, and keep the results"),
    ("compare one.mp3 two.mp3", "what sets two songs apart"),
    ("report song.mp3", "write reports/song.pdf and reports/song.html"),
    ("serve", "drop songs on a page in your browser, and read"),
    ("export song.mp3 --to midi", "the melody, the riff and the chords as MIDI"),
    ("check review.txt song.mp3", "what a text says about a song: is it true?"),
    ("claims new -o mine.toml", "write claims of your own, from a template"),
    ("batch music --store lib", "measure any number of songs into a library"),
    ('find lib --like "song title"', "the songs of the library nearest to one of them"),
    ("models get spleeter", "get the model that separates vocals"),
)
# Help is read best up to this width.
MAX_COLUMNS = 100
# How wide the names of commands, and of examples, are with their margins.
NAME_COLUMNS, EXAMPLE_COLUMNS = 14, 42


class HelpFormatter(argparse.HelpFormatter):
    """As wide as everything else that is printed; what is laid out in lines already stays so."""

    def __init__(self, prog: str, **options: Any) -> None:
        super().__init__(prog, max_help_position=26, width=columns(widest=MAX_COLUMNS) - 2, **options)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if "\n" in text else super()._fill_text(text, width, indent)


class Parser(argparse.ArgumentParser):
    """A parser that says which word may have been meant, where one is not known."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": HelpFormatter, **options})

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments, and end."""
        if found := re.match(r"argument (COMMAND|ACTION): invalid choice: '(.*?)' \(choose", message):
            kind, word = found.groups()
            message = f"there is no {kind.lower()} '{word}'{_meant(word, self._commands(), self.prog)}"
        super().error(one_line(message))

    def refuse(self, unknown: Sequence[str]) -> NoReturn:
        """Say that these words are not known, and end."""
        word = unknown[0].partition("=")[0]
        if word.startswith("-"):
            super().error(one_line(f"there is no option {word}{_meant(word, self._option_string_actions, self.prog)}"))
        super().error(one_line(f"'{unknown[0]}' is one too many"))

    def _commands(self) -> Iterator[str]:
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                yield from action.choices


def _meant(word: str, known: Any, command: str) -> str:
    import difflib

    nearest = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {nearest[0]}?)" if nearest else f" ({command} --help lists all)"


class ShowVersion(argparse.Action):
    """An option that prints the version and ends. The version is looked up only then: that takes a while."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        """Print the version and end."""
        from importlib.metadata import version

        print(f"riffscope {version('riffscope')}")
        parser.exit()


def overview(commands: Sequence[Command]) -> str:
    """Say what riffscope does, and list the commands by what they are for."""
    width = columns(widest=MAX_COLUMNS) - 2
    blocks = [textwrap.fill(ABOUT, width)]
    for group, heading in enumerate(GROUPS):
        mine = [one for one in commands if min(one.place // 10, len(GROUPS) - 1) == group]
        blocks.append("\n".join([f"{heading}:", *(_row(one.name, one.about, width, NAME_COLUMNS) for one in mine)]))
    blocks.append(textwrap.fill("Help on one of them: riffscope COMMAND --help", width))
    return "\n\n".join(blocks)


def examples() -> str:
    """Give examples that work, and what the exit status tells."""
    width = columns(widest=MAX_COLUMNS) - 2
    rows = (_row(f"riffscope {command}", about, width, EXAMPLE_COLUMNS) for command, about in EXAMPLES)
    return "\n".join(["examples:", *rows, "", textwrap.fill(EXIT_STATUS, width)])


def _row(name: str, about: str, width: int, indent: int) -> str:
    """Write a name with what it is about beside it, or below it where there is little room."""
    if width < 2 * indent - 8:
        return f"  {name}\n{textwrap.fill(about, width, initial_indent=' ' * 6, subsequent_indent=' ' * 6)}"
    return textwrap.fill(about, width, initial_indent=f"  {name}".ljust(indent), subsequent_indent=" " * indent)
