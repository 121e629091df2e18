"""riffscope judge."""

import argparse
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from riffscope import words
from riffscope.cli.command import DONE, REFUSED, add_force_option, command
from riffscope.cli.console import complain, printable
from riffscope.cli.libraries import check_table_output, counting, open_library
from riffscope.cli.options import add_claims_option, add_where_option, whole_number
from riffscope.errors import RiffscopeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riffscope.judge import Claim

MAX_WORKERS = 512
MAX_LISTED = 10_000
# What --songs takes: how a claim may stand for a song, in words.
RULINGS = ("supported", "refuted", "probably-true", "probably-false", "inconclusive", "not-testable")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.description = (
        "Rule on claims for every song of a library, from what was measured; no song is listened to again. For each"
        " claim it says for how many songs it is supported, refuted, inconclusive and not testable."
    )
    parser.add_argument("library", metavar="LIB", help="a library that riffscope batch filled")
    tested = parser.add_mutually_exclusive_group()
    add_claims_option(tested)
    tested.add_argument(
        "--article",
        metavar="ARTICLE",
        help="test what a text says about a song (plain text, Markdown or HTML; use - for standard input)",
    )
    add_where_option(parser)
    shown = parser.add_argument_group("what is shown and saved")
    shown.add_argument(
        "--songs",
        dest="ruling",
        choices=RULINGS,
        metavar="RULING",
        help=f"below each claim list the songs for which it is {words.joined([*RULINGS], 'or')}",
    )
    shown.add_argument(
        "-n",
        dest="count",
        type=whole_number("songs", 1, MAX_LISTED),
        default=10,
        metavar="N",
        help="list at most N of them (default: 10)",
    )
    shown.add_argument(
        "-o",
        "--out",
        type=Path,
        metavar="FILE",
        help="save every verdict, with its reason, a row for each song and claim: .parquet, .csv or .json (lines)",
    )
    shown.add_argument("-q", "--quiet", action="store_true", help="show nothing but errors")
    add_force_option(shown)
    parser.add_argument(
        "--workers",
        type=whole_number("processes", 1, MAX_WORKERS),
        metavar="N",
        help="how many processes share the songs (default: one for each core, in a large library)",
    )


@command(place=12, about="test claims, or what a text says, on every song of a library")
def run(options: argparse.Namespace) -> int:
    """Rule on claims for the songs of a library; print how each claim stands over all of them."""
    from riffscope.cli.rulings import Listed, print_left_out, print_tally
    from riffscope.library.rulings import COLUMNS, Tally, paths_of, rule, workers_for
    from riffscope.library.table_file import written_in_parts

    store = open_library(options.library)
    if options.out is not None:
        check_table_output(store, options.out)
    claims, left_out = _claims(options)
    said: list[str] = []
    with counting("making the table of the songs", quiet=options.quiet) as progress:
        paths = paths_of(store, options.where, progress=progress, say=said.append)
    for line in said:
        complain(line)
    if not paths:
        raise RiffscopeError(f"{options.library}: --where holds for no song, so there is none to judge")
    workers = options.workers or workers_for(len(paths))
    tally, listed, damaged = Tally(), Listed(options.ruling, options.count), 0
    with contextlib.ExitStack() as open_:
        write = None if options.out is None else open_.enter_context(written_in_parts(options.out, COLUMNS))
        progress = open_.enter_context(counting(f"ruling on songs, of {len(paths):,}", quiet=options.quiet))
        ruled = open_.enter_context(contextlib.closing(rule(store, claims, songs=paths, workers=workers)))
        for number, song in enumerate(ruled, 1):
            progress(number)
            if song.problem:
                damaged += 1
                if not any(song.sha256 in line for line in said):  # it was said where the table was made
                    complain(song.problem)
            tally.add(song)
            listed.add(song)
            if write is not None:
                write(list(song.rows(paths[song.sha256])))
    if not options.quiet:
        print_tally(tally, claims, listed, total=len(paths))
        print_left_out(left_out)
        if options.out is not None:
            print(f"\n{printable(str(options.out))}: {tally.songs * len(claims):,} verdicts")
    return REFUSED if damaged else DONE


def _claims(options: argparse.Namespace) -> "tuple[Sequence[Claim], Sequence[tuple[str, str]]]":
    """Return the claims to rule on, and of an article the sentences that are not tested, with why."""
    from riffscope.judge import built_in_claims, check_about_one, read_claims

    if options.article is not None:
        from riffscope.articles.claims_file import claims_in
        from riffscope.articles.load import load_text
        from riffscope.articles.reader import read

        return claims_in(read(load_text(options.article)))
    claims = built_in_claims() if options.claims is None else read_claims(options.claims)
    check_about_one(claims)
    return claims, ()
