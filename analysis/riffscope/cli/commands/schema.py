"""riffscope schema."""

import argparse
import json

from riffscope.cli.command import DONE, command


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "of",
        nargs="?",
        metavar="WHICH",
        choices=("analysis", "check"),
        default="analysis",
        help="analysis: of a saved analysis (default); check: of what check --format json writes",
    )


@command(place=31, about="print the JSON Schema of the files that riffscope saves")
def run(options: argparse.Namespace) -> int:
    """Print a JSON Schema."""
    from riffscope.articles import checked
    from riffscope.schema import json_schema

    schema = checked.json_schema() if options.of == "check" else json_schema()
    print(json.dumps(schema, indent=1, ensure_ascii=False))
    return DONE
