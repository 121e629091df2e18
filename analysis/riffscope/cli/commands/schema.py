"""riffscope schema."""

import argparse
import json

from riffscope.cli.command import DONE, command


@command(place=9, about="print the JSON Schema of what --json writes")
def run(_: argparse.Namespace) -> int:
    """Print the JSON Schema."""
    from riffscope.schema import json_schema

    print(json.dumps(json_schema(), indent=1, ensure_ascii=False))
    return DONE
