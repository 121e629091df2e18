"""riffscope claims."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from riffscope.cli.command import DONE, add_force_option, add_to, command
from riffscope.cli.console import complain, console, print_rows, printable
from riffscope.files import check_output, write_atomically

if TYPE_CHECKING:
    from riffscope.articles.article import Article
    from riffscope.measures import Measure


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.set_defaults(file=None)
    actions = parser.add_subparsers(title="actions", metavar="ACTION")
    check = add_to(actions, "check", run, "check a claims file for mistakes; needs no song")
    check.add_argument("file", type=Path, metavar="FILE", help="claims in TOML")
    reading = add_to(actions, "read", read, "list what a text says about a song that can be tested; needs no song")
    reading.add_argument("article", metavar="ARTICLE", help="plain text, Markdown or HTML; use - for standard input")
    reading.add_argument("--json", metavar="PATH", help="save what was understood as JSON; use - for standard output")
    reading.add_argument("-o", "--out", type=Path, metavar="FILE", help="save the claims of the text in FILE (TOML)")
    add_force_option(reading)
    new = add_to(actions, "new", write_template, "write a claims file with an example of each kind, for you to change")
    new.add_argument("-o", "--out", type=Path, metavar="FILE", help="where to write it (default: print it)")
    add_force_option(new)


@command(place=21, about="show the built-in claims, or check your own claims file")
def run(options: argparse.Namespace) -> int:
    """List kinds of claims, measures, references and the built-in claims, or check a file of the user's own."""
    from riffscope import words
    from riffscope.judge import read_claims

    if options.file is None:
        print_claims()
    else:
        claims = read_claims(options.file)
        for claim in claims:
            print(f"{printable(claim.name)}: {claim.kind.name}: {printable(claim.text)}")
        complain(f"{options.file}: {words.count(len(claims), 'claim')}, no mistakes")
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
    """Print the built-in claims, and what a claims file may say: kinds, measures with their units, references."""
    from rich.text import Text

    from riffscope.judge import built_in_claims, built_in_comparisons, parameters_of
    from riffscope.measures import all_measures, section_measures
    from riffscope.reference.table import published
    from riffscope.steps import claims

    out = console()

    def listed(title: str, rows: Iterable[tuple[str, str]]) -> None:
        out.print(Text(title, style="bold"))
        print_rows(out, rows, label_style="")
        out.print()

    def in_unit(measures: "Iterable[Measure]") -> Iterator[tuple[str, str]]:
        for measure in measures:
            symbol = measure.unit.symbol
            yield measure.path, f"{measure.label} ({symbol})" if symbol else measure.label

    listed("Built-in claims about a song", ((claim.name, claim.text) for claim in built_in_claims()))
    listed("Built-in claims about two songs", ((claim.name, claim.text) for claim in built_in_comparisons()))
    listed(
        "Kinds of claims for a file of your own (riffscope claims new shows an example of each)",
        ((step.name, f"{step.summary} {parameters_of(step)}") for step in claims()),
    )
    listed("Measures that a claim can name", in_unit(all_measures()))
    listed('Measures of a section (with scope = "chorus", "last verse", "A" ...)', in_unit(section_measures()))
    listed(
        "Reference sets",
        (
            (one.name, f"{one.about}, {one.songs} songs; {one.source}: {', '.join(one.measures)}")
            for one in published().values()
        ),
    )
