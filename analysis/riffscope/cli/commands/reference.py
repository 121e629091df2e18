"""riffscope reference."""

import argparse
from pathlib import Path

from riffscope.cli.command import DONE, REFUSED, add_force_option, command
from riffscope.cli.console import complain
from riffscope.errors import RiffscopeError
from riffscope.files import check_output, never_overwriting, write_atomically


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="a folder of saved analyses (JSON); folders within it count too"
    )
    parser.add_argument(
        "-o", "--out", type=Path, required=True, metavar="FILE", help="where to write the reference set (TOML)"
    )
    parser.add_argument(
        "--name",
        default="songs of this library",
        metavar="TEXT",
        help='how to refer to these songs in reports, e.g. "my 2023 playlist"',
    )
    add_force_option(parser)


@command(place=22, about="make a reference set of your own songs, to compare other songs with")
def run(options: argparse.Namespace) -> int:
    """Write the distributions of a folder of saved analyses, but for those that cannot be read."""
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
