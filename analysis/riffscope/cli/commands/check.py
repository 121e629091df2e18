"""riffscope check."""

import argparse

from riffscope.cli.command import DONE, REFUSED, WRONG_USAGE, add_force_option, command
from riffscope.cli.console import complain
from riffscope.cli.options import PAPERS, add_reading_options, add_report_options


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "article",
        metavar="ARTICLE",
        help="a text about the song: plain text, Markdown or HTML; use - for standard input",
    )
    parser.add_argument(
        "songs",
        nargs="+",
        metavar="SONG",
        help="the song, or its saved analysis; then any songs that the text compares it with",
    )
    add_report_options(parser, also=("json",))
    add_reading_options(parser)
    add_force_option(parser)


@command(place=20, about="check what a text says about a song, and write the text with the findings in it")
def run(options: argparse.Namespace) -> int:
    """Read a text, rule on its statements by the recordings, and write the text with the rulings in it."""
    from riffscope import workflow
    from riffscope.cli.checked import print_checked
    from riffscope.cli.songs import (
        any_failed,
        check_outputs,
        listen_to_each,
        name_of_song,
        say_if_not_copied,
        told_of_warnings,
    )
    from riffscope.compare import MAX_SONGS
    from riffscope.report.article_report import name_of
    from riffscope.report.write import report_paths

    if len(options.songs) > MAX_SONGS:
        complain(f"a text is checked against {MAX_SONGS} songs at most: its own, and those that it is compared with")
        return WRONG_USAGE
    text = workflow.load_text(options.article)
    name = name_of(text.name, name_of_song(options.songs[0]))
    if not check_outputs(report_paths(name, options.out, options.format)):
        return REFUSED
    copied = "html" in options.format and not options.no_audio
    # No claims but the text's, and the page plays its song alone.
    found = list(listen_to_each(options, (), copied=1 if copied else 0))
    if found[0] is None:
        return REFUSED
    first, kept = found[0], [one for one in found if one is not None]
    checked = workflow.check(text, [one.song for one in kept])
    say_if_not_copied(first)
    with told_of_warnings():
        paths = workflow.write_checked(
            checked, options.out, options.format, listening=first.copy, paper=PAPERS[options.paper]
        )
    print_checked(checked, paths)
    return REFUSED if len(kept) < len(found) or any(any_failed(one.song) for one in kept) else DONE
