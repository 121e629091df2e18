"""What the commands that read songs share: their options, and going through the songs one by one."""

import argparse
import contextlib
import functools
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from riffscope import words, workflow
from riffscope.cli.console import complain
from riffscope.cli.progress import Going
from riffscope.cli.shelf import Shelf
from riffscope.errors import BadRange, RiffscopeError
from riffscope.files import check_output
from riffscope.folders import name_in_analysis
from riffscope.model import Failed, Separator
from riffscope.report.write import FORMATS
from riffscope.song import SongAnalysis, failures
from riffscope.transposition import SingerRange, read_range
from riffscope.workflow import Listened, Options

if TYPE_CHECKING:
    from riffscope.judge import Claim
    from riffscope.report.blocks import Paper

# Sizes of paper as they are given, and as they are called in reports.
PAPERS: "Mapping[str, Paper]" = {"a4": "a4", "letter": "us-letter"}
DEFAULT_FOLDER = Path("reports")
# Tempi and meters that can be given by hand: those that are listed among the counts of a song.
SLOWEST_BPM, FASTEST_BPM = 35.0, 250.0
METERS = ("2", "3", "4", "5", "6", "7")


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
        choices=get_args(Separator),
        metavar="HOW",
        default="auto",
        help="how to separate the vocals: spleeter, none, or auto (default: spleeter if it is installed)",
    )
    parser.add_argument(
        "--max-minutes",
        type=positive("minutes"),
        default=workflow.MAX_MINUTES,
        metavar="N",
        help=f"refuse longer songs (default: {workflow.MAX_MINUTES:g})",
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
    bpm = _number(text)
    if not SLOWEST_BPM <= bpm <= FASTEST_BPM:
        raise argparse.ArgumentTypeError(f"{text} is not a tempo from {SLOWEST_BPM:g} to {FASTEST_BPM:g} BPM")
    return bpm


def _meter(text: str) -> int:
    if text not in METERS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of beats from {METERS[0]} to {METERS[-1]}")
    return int(text)


def _moment(text: str) -> float:
    """Read seconds, or minutes and seconds as in 1:23.4."""
    minutes, _, seconds = text.rpartition(":")
    moment = 60 * _number(minutes or "0") + _number(seconds)
    if not 0 <= moment < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a time in the song (write 83.4 or 1:23.4)")
    return moment


def _range(text: str) -> SingerRange:
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


def read_options(options: argparse.Namespace) -> Options:
    """Read how songs are to be measured; what is not there is said before any song is read."""
    if len(options.songs) > 1:
        if options.vocals is not None:
            raise RiffscopeError("--vocals goes with one song (a stem belongs to its song)")
        for name in ("tempo", "meter", "downbeat", "sections"):
            if getattr(options, name) is not None:
                raise RiffscopeError(f"--{name} goes with one song")
    if options.vocals is None and not all(map(workflow.is_saved, options.songs)):
        say_if_model_damaged(options.separator)
    settings = workflow.choose_settings(
        options.separator,
        options.vocals,
        tempo_bpm=options.tempo,
        beats_per_bar=options.meter,
        downbeat_s=options.downbeat,
        max_minutes=options.max_minutes,
    )
    return Options(
        settings=settings,
        sections=options.sections,
        singer=getattr(options, "my_range", None),
        references=workflow.references_of(getattr(options, "reference", None)),
        max_minutes=options.max_minutes,
    )


def say_if_model_damaged(separator: str) -> None:
    """Say that the vocals will not be separated, as the model that would do it is there, but not whole."""
    from riffscope.models import store

    if separator == "auto" and (why := store.damage("spleeter")) is not None:
        complain(f"the vocals are not separated: {why}")


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A song that a command went through.

    Attributes
    ----------
    listened : Listened or None
        None where it was refused; why has been said.
    before : bool
        Whether its analysis was saved before, and was read.
    """

    listened: Listened | None
    before: bool = False


def listen_to_each(
    options: argparse.Namespace, claims: "tuple[Claim, ...] | None" = None, *, copied: int = 0, alone: bool = True
) -> Iterator[Listened | None]:
    """Analyse each song, or read its saved analysis. One that is refused is reported and gives None.

    Parameters
    ----------
    copied : int
        How many of the songs get a copy to listen to: the first ones.
    alone : bool
        Whether each copy goes into a page of its own, as in `riffscope.workflow.listen`.
    """
    return (heard.listened for heard in hear_each(options, read_options(options), claims, copied=copied, alone=alone))


def hear_each(
    options: argparse.Namespace,
    chosen: Options,
    claims: "tuple[Claim, ...] | None" = None,
    *,
    copied: int = 0,
    alone: bool = True,
    shelf: Shelf | None = None,
) -> Iterator[Heard]:
    """Analyse each song, or read its saved analysis: where it is given, or from a shelf.

    Parameters
    ----------
    copied : int
        How many of the songs get a copy to listen to: the first ones.
    alone : bool
        Whether each copy goes into a page of its own, as in `riffscope.workflow.listen`.
    """
    _say_what_has_no_effect(options)
    going = Going(len(options.songs), quiet=getattr(options, "quiet", False))
    for number, name in enumerate(options.songs, 1):
        try:
            yield _hear(name, number, going, chosen, claims, copied=number <= copied, alone=alone, shelf=shelf)
        except RiffscopeError as why:
            complain(str(why))
            yield Heard(listened=None)
        except MemoryError:
            complain(f"{name}: needs more memory than there is (shorten it, or close other programs)")
            yield Heard(listened=None)


def _hear(
    name: str,
    number: int,
    going: Going,
    chosen: Options,
    claims: "tuple[Claim, ...] | None",
    *,
    copied: bool,
    alone: bool,
    shelf: Shelf | None,
) -> Heard:
    from riffscope.judge import built_in_claims

    if workflow.is_saved(name) and not copied:
        return Heard(listened=workflow.listen(name, claims=claims, options=chosen, warn=complain), before=True)
    saved = None if shelf is None or workflow.is_saved(name) else shelf.find(Path(name))
    if saved is not None:
        going.kept(number, Path(name).name)
        # It may have been saved with other claims.
        ruled_on = built_in_claims() if claims is None else claims
        return Heard(listened=workflow.listen(saved, claims=ruled_on, options=chosen, warn=complain), before=True)
    with going.measuring(number, Path(name).name) as progress:
        one = workflow.listen(
            name, claims=claims, options=replace(chosen, progress=progress), copied=copied, alone=alone, warn=complain
        )
    if not workflow.is_saved(name):
        for failure in failures(one.song):
            complain(f"{one.song.source.name}: {failure}")
    return Heard(listened=one, before=workflow.is_saved(name))


# Options that say how a song is measured, and their defaults.
_MEASURING = {"separator": "auto", "vocals": None, "tempo": None, "meter": None, "downbeat": None, "sections": None}


def _say_what_has_no_effect(options: argparse.Namespace) -> None:
    """Say in a line which options do nothing, where songs are given as they were measured before."""
    saved = [Path(name).name for name in options.songs if workflow.is_saved(name)]
    given = [f"--{name}" for name, default in _MEASURING.items() if getattr(options, name) != default]
    if saved and given:
        which = saved[0] if len(saved) == 1 else f"{len(saved)} songs"
        are = "is a saved analysis and is" if len(saved) == 1 else "are saved analyses and are"
        complain(f"{which}: {are} not measured again, so {words.joined(given)} changes nothing in it")


def write_reports(
    listened: Sequence[Listened],
    options: argparse.Namespace,
    claims: "tuple[Claim, ...] | None" = None,
    *,
    name: str | None = None,
) -> list[Path]:
    """Write the report of one song, or the comparison of several; say what was wrong but did no harm.

    The claims are those about the songs of a comparison; those about one song were ruled on when it was read.
    """
    for one in listened:
        say_if_not_copied(one)
    with told_of_warnings():
        return workflow.write_reports(
            listened,
            options.out,
            options.format,
            claims=claims,
            full=getattr(options, "full", False),
            paper=PAPERS[options.paper],
            name=name,
        )


def name_of_song(given: str) -> str:
    """Return the name of a song's file by how it is given: a file, or a saved analysis that names it."""
    name = name_in_analysis(Path(given)) if workflow.is_saved(given) else None
    return Path(given).name if name is None else name


def check_outputs(paths: Iterable[Path]) -> bool:
    """Tell whether all files can be written, before any work is done for them; say in a line each which cannot."""
    free = True
    for path in paths:
        try:
            check_output(path)
        except RiffscopeError as why:
            complain(str(why))
            free = False
    return free


def say_if_not_copied(listened: Listened) -> None:
    """Say where riffscope itself broke down on the copy to listen to."""
    if isinstance(listened.copy, Failed):
        complain(f"{listened.song.source.name}: the sound for its page {listened.copy.reason}")


@contextlib.contextmanager
def told_of_warnings() -> Iterator[None]:
    """Say in a line each what went wrong within and did no harm, once it is done."""
    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always")
        yield
    for warning in noted:
        complain(str(warning.message))


def not_transposed(song: SongAnalysis, options: argparse.Namespace) -> bool:
    """Tell whether a song was to be moved into a singer's range, and could not be."""
    return options.my_range is not None and song.transposition is None


def any_failed(song: SongAnalysis) -> bool:
    """Tell whether riffscope itself broke down on some measurement."""
    return bool(failures(song))
