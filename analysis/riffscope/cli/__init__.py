"""The command line: it parses and prints, and `riffscope.workflow` does the work."""

import argparse
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from riffscope.cli.command import DONE, INTERRUPTED, REFUSED, add_to, discover
from riffscope.cli.console import complain, make_streams_safe
from riffscope.cli.ending import ended_in_order, leave, others_quiet
from riffscope.cli.help import Parser, ShowVersion, examples, overview
from riffscope.errors import BadClaim, RiffscopeError
from riffscope.files import never_overwriting, replacing

log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    make_streams_safe()
    options, unknown = make_parser().parse_known_args(arguments)
    if unknown:
        options.parser.refuse(unknown)
    with logging_to_stderr(options), others_quiet(), ended_in_order() as ending:
        try:
            if getattr(options, "folders", False):
                from riffscope.folders import songs_in

                options.songs = songs_in(options.songs)
            with never_overwriting(inputs_named(options)), replacing(getattr(options, "force", False)):
                status: int = options.run(options)
            sys.stdout.flush()
        except RiffscopeError as why:
            log.debug("refused", exc_info=True)
            for problem in why.problems if isinstance(why, BadClaim) else (str(why),):
                complain(problem)
            return REFUSED
        except BrokenPipeError:
            # The reader of our output (head, less) has gone: nothing more to say, also not when Python flushes at last.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return DONE
        except OSError as why:
            log.debug("failed", exc_info=True)
            complain(f"{why.filename or 'output'}: {why.strerror or why} (try another place)")
            return REFUSED
        except MemoryError:
            complain("there is not enough memory (close other programs)")
            return REFUSED
        except KeyboardInterrupt:
            complain("interrupted")
            return INTERRUPTED
        except Exception as bug:  # a bug of ours; the user gets one line all the same
            if ending.asked:
                complain("interrupted")
                return INTERRUPTED
            log.exception("riffscope failed")
            complain(f"riffscope itself failed: {type(bug).__name__}: {bug} (run it again with --debug to see where)")
            return REFUSED
    return status


def run() -> NoReturn:
    """Run the command line and end the process with its exit status."""
    try:
        status = main()
    except KeyboardInterrupt:  # before there was anything to interrupt
        complain("interrupted")
        status = INTERRUPTED
    leave(status)


@contextmanager
def logging_to_stderr(options: argparse.Namespace) -> Iterator[None]:
    """Let the package's log speak on stderr where the user asked for it, while a command runs."""
    if not options.verbose and not options.debug:
        yield
        return
    package, handler = logging.getLogger("riffscope"), logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    package.addHandler(handler)
    before = package.level
    package.setLevel(logging.DEBUG if options.debug else logging.INFO)
    try:
        yield
    finally:
        package.removeHandler(handler)
        package.setLevel(before)


def inputs_named(options: argparse.Namespace) -> Iterator[Path]:
    """Return the files that the command line names as inputs: none of them is ever written over."""
    names = ("vocals", "claims", "reference", "article", "like")
    single = (getattr(options, name, None) for name in names)
    named = (*getattr(options, "songs", ()), *single)
    return (Path(name) for name in named if name is not None)


def make_parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    found = discover()
    parser = Parser(prog="riffscope", usage="riffscope COMMAND ...", description=overview(found), epilog=examples())
    parser.add_argument("--version", action=ShowVersion, nargs=0, help="show program's version number and exit")
    # They are listed by the overview.
    commands = parser.add_subparsers(metavar="COMMAND", prog="riffscope", help=argparse.SUPPRESS)
    parser.set_defaults(run=lambda _: _print_help(parser), parser=parser, verbose=False, debug=False)
    for command in found:
        command.arguments(add_to(commands, command.name, command.run, command.about))
    return parser


def _print_help(parser: argparse.ArgumentParser) -> int:
    parser.print_help()
    return DONE
