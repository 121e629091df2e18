"""riffscope serve."""

import argparse
import sys

from riffscope.cli.command import DONE, command
from riffscope.cli.console import complain
from riffscope.cli.options import add_song_options, whole_number

MAX_WORKERS, MAX_PORT = 64, 65535


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "--store",
        metavar="LIB",
        help="the library that takes the songs: a folder, made if it is not there (default: one of your own)",
    )
    parser.add_argument(
        "--port",
        type=whole_number("ports", 1, MAX_PORT),
        metavar="N",
        help="the port of the page (default: 8177, or another if that is taken)",
    )
    parser.add_argument("--no-open", action="store_true", help="only print the address, and open no browser")
    add_song_options(parser)
    parser.add_argument(
        "--workers",
        type=whole_number("workers", 1, MAX_WORKERS),
        metavar="N",
        help="how many songs to measure at the same time (default: as many as there are cores)",
    )


@command(place=4, about="open a page in your browser: drop songs on it, read, compare, check texts")
def run(options: argparse.Namespace) -> int:
    """Serve the page until it is interrupted."""
    from riffscope.web.server import PageServer, farewell, local_library, usual_library
    from riffscope.workflow import choose_settings

    choose_settings(options.separator)  # says at once that a model is not there
    library = local_library(usual_library() if options.store is None else options.store)
    server = PageServer(
        library,
        port=options.port,
        separator=options.separator,
        max_minutes=options.max_minutes,
        workers=options.workers,
    )

    def begun() -> None:
        print(server.address)
        sys.stdout.flush()
        complain(
            f"Open this address in your browser. Songs stay on this machine, in {library}. Ctrl-C stops riffscope."
        )

    left = server.run(begun=begun, browse=not options.no_open)
    complain(farewell(left))
    return DONE
