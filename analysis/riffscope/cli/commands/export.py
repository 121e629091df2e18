"""riffscope export."""

import argparse
from dataclasses import replace
from pathlib import Path

from riffscope import workflow
from riffscope.chord_names import HIGHEST_CAPO
from riffscope.cli.command import DONE, REFUSED, WRONG_USAGE, add_force_option, command
from riffscope.cli.console import complain
from riffscope.cli.progress import progress_of
from riffscope.cli.songs import add_reading_options, read_options, told_of_warnings
from riffscope.errors import CannotMeasure


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "songs",
        nargs=1,
        metavar="SONG",
        help="a saved analysis (with its song beside it where sound is cut), or a song",
    )
    parser.add_argument("--to", required=True, metavar="FORMAT", help="such as midi; another word lists all there are")
    parser.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="folder (default: the current one)")
    parser.add_argument("--which", type=_number, metavar="N", help="for loop: 2 is the second loop (default: the riff)")
    parser.add_argument("--capo", type=_fret, metavar="N", help="for chords: the shapes to play with a capo at fret N")
    add_reading_options(parser)
    add_force_option(parser)


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number from 1 on")
    return int(text)


def _fret(text: str) -> int:
    if not text.isdecimal() or int(text) > HIGHEST_CAPO:
        raise argparse.ArgumentTypeError(f"{text} is no fret for a capo (0 to {HIGHEST_CAPO})")
    return int(text)


@command(place=5, about="write a song or its measurements for other programs")
def run(options: argparse.Namespace) -> int:
    """Write a song for other programs."""
    from riffscope.steps import exports

    formats = {step.name: step for step in exports()}
    for choice, whose in (("which", "loop"), ("capo", "chords")):
        given = options.to in formats and getattr(options, choice) is not None
        if given and choice not in formats[options.to].options:
            complain(f"--{choice} is for --to {whose}; {options.to} has none (leave it out)")
            return WRONG_USAGE
    if options.to not in formats:
        complain(f"{options.to} is no format (there is: {', '.join(formats)})")
        return WRONG_USAGE
    (song,) = options.songs
    chosen = read_options(options)
    try:
        with told_of_warnings(), progress_of(Path(song).name) as progress:
            paths = workflow.export(
                song,
                options.to,
                options.out,
                which=options.which,
                capo=options.capo,
                options=replace(chosen, progress=progress),
            )
    except CannotMeasure as why:
        complain(f"{Path(song).name}: {why}")
        return REFUSED
    for path in paths:
        print(path)
    return DONE
