"""riffscope demo."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from riffscope.cli.command import DONE, REFUSED, command
from riffscope.cli.options import DEFAULT_FOLDER, PAPERS, add_reading_options, add_report_options
from riffscope.errors import RiffscopeError
from riffscope.files import write_atomically

SONGS = ("closet", "arena", "closet-stripped")
# About the first of them, which it compares with the others.
ARTICLE = "article.md"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_report_options(parser)
    add_reading_options(parser)
    # Its own folder and its own names: run again it replaces what it wrote, and nothing of the user's.
    parser.set_defaults(out=DEFAULT_FOLDER / "demo", force=True)


@command(place=0, about="try riffscope on its bundled songs: measures them, compares them, writes reports")
def run(options: argparse.Namespace) -> int:
    """Analyse the bundled songs, compare them, check the article about the first, and write the reports."""
    from riffscope import workflow
    from riffscope.cli.checked import print_checked
    from riffscope.cli.many_songs import SongTable
    from riffscope.cli.songs import listen_to_each, told_of_warnings, write_reports
    from riffscope.codec import to_json

    paths = [bundled_samples() / f"{name}.ogg" for name in SONGS]
    options.songs = [str(path) for path in paths]
    copied = "html" in options.format and not options.no_audio
    found, table = list[workflow.Listened](), SongTable()
    for one in listen_to_each(options, copied=len(paths) if copied else 0):
        if one is None:
            return REFUSED
        table.add(one.song)
        found.append(one)
    table.end()
    written = [path for one in found for path in write_reports([one], options)]
    for one in found:
        written.append(options.out / f"{Path(one.song.source.name).stem}.json")
        write_atomically(written[-1], to_json(one.song, indent=1))
    closet, arena, stripped = (replace(one, copy=None) for one in found)
    for pair in ([closet, arena], [closet, stripped]):
        written += write_reports(pair, options)
    checked = workflow.check(workflow.load_text(bundled_samples() / ARTICLE), [one.song for one in found])
    with told_of_warnings():
        written += workflow.write_checked(
            checked, options.out, options.format, listening=found[0].copy, paper=PAPERS[options.paper]
        )
    print()
    print_checked(checked, [])
    _print_where(written)
    return DONE


def _print_where(written: Sequence[Path]) -> None:
    """Say which of the files to open first, and which others there are."""
    first, *others = sorted(written, key=lambda path: path.suffix != ".html")
    print(f"\nOpen this first: {first}")
    print("Beside it are:")
    for path in others:
        print(f"  {path.name}")


def bundled_samples() -> Path:
    """Return the folder of the bundled songs: in the installed package, or beside the source."""
    import riffscope

    package = Path(riffscope.__file__).parent
    for folder in (package / "samples", package.parents[1] / "samples"):
        if (folder / "closet.ogg").is_file():
            return folder
    raise RiffscopeError("the bundled songs are not installed (make them: python samples/make_samples.py)")
