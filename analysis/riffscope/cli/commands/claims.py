"""riffscope claims."""

import argparse
from pathlib import Path

from riffscope.cli.command import DONE, add_to, command
from riffscope.cli.console import console, printable


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.set_defaults(file=None)
    actions = parser.add_subparsers(title="actions", metavar="ACTION")
    check = add_to(actions, "check", run, "read a claims file and say what is wrong with it, without any song")
    check.add_argument("file", type=Path, metavar="FILE", help="claims in TOML")


@command(place=6, about="list what can be claimed of songs, or check a claims file")
def run(options: argparse.Namespace) -> int:
    """List kinds of claims, measures, references and the built-in claims, or check a file of the user's own."""
    from riffscope.judge import read_claims

    if options.file is None:
        print_claims()
    else:
        for claim in read_claims(options.file):
            print(f"{printable(claim.name)}: {claim.kind.name}: {printable(claim.text)}")
    return DONE


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
