"""riffscope export."""

import argparse
from dataclasses import replace
from pathlib import Path

from riffscope.cli.command import DONE, REFUSED, WRONG_USAGE, add_force_option, command
from riffscope.cli.console import complain, printable
from riffscope.cli.options import add_reading_options, add_songs
from riffscope.cli.progress import progress_of
from riffscope.errors import CannotMeasure, RiffscopeError

# For people; what there is, is found by walking the exports.
FORMATS = "audacity, chords, csv, jams, loop, midi, stems"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_songs(
        parser,
        about="an audio file, a saved analysis (loop and stems need the song beside it), or a folder of them",
    )
    parser.add_argument("--to", required=True, metavar="FORMAT", help=f"one of {FORMATS}")
    parser.add_argument(
        "--out", type=Path, default=Path(), metavar="DIR", help="folder for files named after the song (default: here)"
    )
    parser.add_argument("--which", type=_number, metavar="N", help="for loop: 2 is the second loop (default: the riff)")
    parser.add_argument("--capo", type=_fret, metavar="N", help="for chords: the shapes to play with a capo at fret N")
    add_reading_options(parser)
    add_force_option(parser)


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not the number of a loop (1, 2, ...)")
    return int(text)


def _fret(text: str) -> int:
    from riffscope.chord_names import HIGHEST_CAPO

    if not text.isdecimal() or int(text) > HIGHEST_CAPO:
        raise argparse.ArgumentTypeError(f"{text} is not a fret for a capo (0 to {HIGHEST_CAPO})")
    return int(text)


@command(place=5, about="write songs or their measurements for other programs")
def run(options: argparse.Namespace) -> int:
    """Write songs for other programs."""
    from riffscope import workflow
    from riffscope.cli.songs import read_options, told_of_warnings
    from riffscope.steps import exports

    formats = {step.name: step for step in exports()}
    if options.to not in formats:
        complain(f'Unknown format "{options.to}". Choose: {", ".join(formats)}.')
        return WRONG_USAGE
    for choice, whose in (("which", "loop"), ("capo", "chords")):
        if getattr(options, choice) is not None and choice not in formats[options.to].options:
            complain(f"--{choice} is for --to {whose}; {options.to} has none (leave it out)")
            return WRONG_USAGE
    chosen, status = read_options(options), DONE
    for song in options.songs:
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
            status = REFUSED
        except RiffscopeError as why:
            complain(str(why))
            status = REFUSED
        else:
            for path in paths:
                print(printable(str(path)))
    return status
