"""What the commands take: the options that several of them share, and how each is read."""

import argparse
import functools
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from riffscope import words
from riffscope.choices import FORMATS, MAX_MINUTES, SEPARATORS

if TYPE_CHECKING:
    from riffscope.report.blocks import Paper
    from riffscope.transposition import SingerRange

# Sizes of paper as they are given, and as they are called in reports.
PAPERS: "Mapping[str, Paper]" = {"a4": "a4", "letter": "us-letter"}
DEFAULT_FOLDER = Path("reports")


def add_songs(parser: argparse.ArgumentParser, *, about: str) -> None:
    """Add the songs that a command reads, however many; of a folder all that are in it."""
    parser.add_argument("songs", nargs="+", metavar="SONG", help=about)
    parser.set_defaults(folders=True)


def add_claims_option(parser: "argparse.ArgumentParser | argparse._MutuallyExclusiveGroup") -> None:
    """Add the option for claims of one's own."""
    parser.add_argument(
        "--claims",
        type=Path,
        metavar="FILE",
        help="test your own claims, from FILE (TOML), instead of the built-in ones",
    )


def add_song_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of every command that reads audio which hold for any number of songs."""
    parser.add_argument(
        "--separator",
        choices=SEPARATORS,
        metavar="HOW",
        default="auto",
        help="how to separate the vocals: spleeter, none, or auto (default: spleeter if it is installed)",
    )
    parser.add_argument(
        "--max-minutes",
        type=positive("minutes"),
        default=MAX_MINUTES,
        metavar="N",
        help=f"refuse longer songs (default: {MAX_MINUTES:g})",
    )


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the commands that read audio song by song."""
    parser.add_argument(
        "--vocals", metavar="FILE", help="the vocals of the song alone, if you have them; used instead of a separator"
    )
    given = parser.add_argument_group("if you know better", "these replace what riffscope would measure")
    given.add_argument("--tempo", type=_tempo, metavar="BPM", help="the tempo in beats per minute")
    given.add_argument("--meter", type=_meter, metavar="N", help="the number of beats in a bar, 2 to 7")
    given.add_argument(
        "--sections",
        type=Path,
        metavar="FILE",
        help='a file with the sections: an Audacity label track, CSV, or lines such as "0:35 chorus"',
    )
    given.add_argument("--downbeat", type=_moment, metavar="TIME", help="when a bar begins, in seconds or as 1:23.4")
    add_song_options(parser)


def add_range_option(parser: argparse.ArgumentParser) -> None:
    """Add the option for a singer's range."""
    parser.add_argument(
        "--my-range",
        type=_range,
        metavar="A2-E4",
        help="the notes you can sing: riffscope says how to transpose the song to fit, with capo and chords",
    )


def add_reference_option(parser: argparse.ArgumentParser) -> None:
    """Add the option for a reference set."""
    parser.add_argument(
        "--reference",
        type=Path,
        metavar="FILE",
        help="say where the song stands among the songs of FILE, a reference set made by riffscope reference",
    )


def add_where_option(parser: "argparse.ArgumentParser | argparse._ArgumentGroup") -> None:
    """Add the option of the commands that are about some of a library's songs."""
    parser.add_argument(
        "--where",
        metavar="CONDITION",
        help='only songs for which this holds, in SQL over the columns of songs.parquet: "year between 2013 and 2017'
        ' and tempo.bpm > 120"',
    )


def add_report_options(parser: argparse.ArgumentParser, *, also: tuple[str, ...] = ()) -> None:
    """Add the options of every command that writes reports; one may write further formats where they are asked for."""
    formats = (*FORMATS, *also)
    parser.add_argument(
        "--format",
        type=functools.partial(_formats, allowed=formats),
        default=FORMATS,
        metavar=",".join(formats),
        help=f"what to write: {words.joined([*formats], 'or')}, or several with commas (default: {','.join(FORMATS)})",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=DEFAULT_FOLDER,
        metavar="DIR",
        help="folder for the files (default: %(default)s)",
    )
    parser.add_argument(
        "--paper",
        choices=tuple(PAPERS),
        default="a4",
        help="the size of a PDF's pages: a4 (default) or letter, as in the United States",
    )
    parser.add_argument(
        "--no-audio", action="store_true", help="leave the sound out of the HTML page: smaller, but without a player"
    )


def _number(text: str) -> float:
    """Read a number; what is none lies within no limits."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def positive(what: str) -> Callable[[str], float]:
    """Return what reads a number above 0 of minutes, say."""

    def read(text: str) -> float:
        number = _number(text)
        if not 0 < number < math.inf:
            raise argparse.ArgumentTypeError(f"{text} is not a positive number of {what}")
        return number

    return read


def whole_number(what: str, lowest: int, highest: int) -> Callable[[str], int]:
    """Return what reads a whole number of songs, say, within limits."""

    def read(text: str) -> int:
        if not text.isdecimal() or not lowest <= int(text) <= highest:
            raise argparse.ArgumentTypeError(f"{text} is not a number of {what} from {lowest} to {highest}")
        return int(text)

    return read


def _tempo(text: str) -> float:
    from riffscope.library.corrections import FASTEST_BPM, SLOWEST_BPM

    bpm = _number(text)
    if not SLOWEST_BPM <= bpm <= FASTEST_BPM:
        raise argparse.ArgumentTypeError(f"{text} is not a tempo from {SLOWEST_BPM:g} to {FASTEST_BPM:g} BPM")
    return bpm


def _meter(text: str) -> int:
    from riffscope.library.corrections import FEWEST_BEATS, MOST_BEATS

    if text not in map(str, range(FEWEST_BEATS, MOST_BEATS + 1)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of beats from {FEWEST_BEATS} to {MOST_BEATS}")
    return int(text)


def _moment(text: str) -> float:
    """Read seconds, or minutes and seconds as in 1:23.4."""
    minutes, _, seconds = text.rpartition(":")
    moment = 60 * _number(minutes or "0") + _number(seconds)
    if not 0 <= moment < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a time in the song (write 83.4 or 1:23.4)")
    return moment


def _range(text: str) -> "SingerRange":
    from riffscope.errors import BadRange
    from riffscope.transposition import read_range

    try:
        return read_range(text)
    except BadRange as why:
        raise argparse.ArgumentTypeError(str(why)) from why


def _formats(text: str, *, allowed: tuple[str, ...]) -> tuple[str, ...]:
    wanted = {part.strip().lower() for part in text.split(",") if part.strip()}
    if not wanted or not wanted <= set(allowed):
        several = "both" if len(allowed) == 2 else "several"
        raise argparse.ArgumentTypeError(f"{text!r} is not {words.joined([*allowed], 'or')}, or {several} with a comma")
    return tuple(form for form in allowed if form in wanted)
