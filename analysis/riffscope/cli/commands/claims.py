"""riffscope claims."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from riffscope.cli.command import DONE, add_force_option, add_to, command
from riffscope.cli.console import console, printable
from riffscope.files import check_output, write_atomically

if TYPE_CHECKING:
    from riffscope.articles.article import Article


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.set_defaults(file=None)
    actions = parser.add_subparsers(title="actions", metavar="ACTION")
    check = add_to(actions, "check", run, "read a claims file and say what is wrong with it, without any song")
    check.add_argument("file", type=Path, metavar="FILE", help="claims in TOML")
    reading = add_to(actions, "read", read, "say what a text states about a song that can be tested, without any song")
    reading.add_argument("article", metavar="ARTICLE", help="plain text, Markdown or HTML; - reads standard input")
    reading.add_argument("--json", metavar="PATH", help="write what was understood to PATH; - prints only that")
    reading.add_argument("-o", "--out", type=Path, metavar="FILE", help="write the claims of the text to FILE (TOML)")
    add_force_option(reading)
    new = add_to(actions, "new", write_template, "write a claims file with an example of each kind, to be changed")
    new.add_argument("-o", "--out", type=Path, metavar="FILE", help="where to (default: print it)")
    add_force_option(new)


@command(place=6, about="list what can be claimed of songs, check a claims file, or read the claims out of a text")
def run(options: argparse.Namespace) -> int:
    """List kinds of claims, measures, references and the built-in claims, or check a file of the user's own."""
    from riffscope.judge import read_claims

    if options.file is None:
        print_claims()
    else:
        for claim in read_claims(options.file):
            print(f"{printable(claim.name)}: {claim.kind.name}: {printable(claim.text)}")
    return DONE


def read(options: argparse.Namespace) -> int:
    """Read an article, and print or write what it states."""
    from riffscope.articles.article import to_json
    from riffscope.articles.load import load_text
    from riffscope.articles.reader import read as read_article

    if options.out is not None:
        check_output(options.out)
    if options.json not in {None, "-"}:
        check_output(Path(options.json))
    article = read_article(load_text(options.article))
    if options.json == "-":
        sys.stdout.write(f"{to_json(article).decode()}\n")
        sys.stdout.flush()
    elif options.json is not None:
        write_atomically(Path(options.json), to_json(article, indent=1))
    if options.json != "-":
        for line in _in_lines(article):
            print(line)
    if options.out is not None:
        from riffscope.articles.claims_file import claims_of

        write_atomically(options.out, claims_of(article).encode())
        if options.json != "-":
            print(f"{printable(str(options.out))}: its claims (riffscope analyze SONG --claims FILE)")
    return DONE


def write_template(options: argparse.Namespace) -> int:
    """Write a claims file that shows each kind."""
    from riffscope.articles.claims_file import template

    if options.out is None:
        sys.stdout.write(template())
        return DONE
    check_output(options.out)
    write_atomically(options.out, template().encode())
    print(f"{printable(str(options.out))}: an example of each kind (riffscope claims check FILE)")
    return DONE


def _in_lines(article: "Article") -> Iterator[str]:
    """Say what was understood, sentence by sentence, and how much was passed over."""
    from riffscope import words
    from riffscope.articles.topics import in_words

    stated = 0
    for sentence in article.sentences:
        if sentence.kind == "other":
            continue
        yield printable(" ".join(sentence.text.split()))
        for statement in sentence.readings:
            stated += 1
            yield f"  - {printable(in_words(statement))}"
        if sentence.kind == "not_testable":
            yield f"  not testable: {printable(sentence.reason or 'no recording shows it')}"
        yield ""
    untested = sum(sentence.kind == "not_testable" for sentence in article.sentences)
    others = sum(sentence.kind == "other" for sentence in article.sentences)
    parts = [
        f"{words.count(stated, 'statement')} that can be tested",
        *([f"{words.count(untested, 'sentence')} that cannot"] if untested else []),
        *([f"{words.count(others, 'sentence')} about something else"] if others else []),
    ]
    yield f"{words.joined(parts)}."


def print_claims() -> None:
    """Print what a claims file may say: kinds with their parameters, measures with their units, references."""
    from rich.table import Table
    from rich.text import Text

    from riffscope.judge import built_in_claims, built_in_comparisons, parameters_of
    from riffscope.measures import all_measures, section_measures
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
        'Measures of sections (with scope = "chorus", "last verse", "A" ...)',
        [(measure.path, measure.label, measure.unit.symbol) for measure in section_measures()],
    )
    listed(
        "References",
        [
            (one.name, f"{one.about}, {one.songs} songs; {one.source}", ", ".join(one.measures))
            for one in published().values()
        ],
    )
    listed("Built-in claims", [(claim.name, claim.text) for claim in built_in_claims()])
    listed("Built-in claims about two songs", [(claim.name, claim.text) for claim in built_in_comparisons()])
