"""The command ``riffscope``, also as ``python -m riffscope``: what is imported before it can say why it ends."""

import contextlib
import os
import signal
from types import FrameType
from typing import NoReturn

# As `riffscope.cli.command` has it, which is not imported yet.
INTERRUPTED = 130


def run() -> NoReturn:
    """Run the command line and end the process with its exit status.

    An interrupt within an import would come out as that, as another error, or not at all. So until all that the command
    line itself needs is there, an interrupt ends the process at once; nothing has been begun.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # a command in the background ignores interrupts
        signal.signal(signal.SIGINT, _end)
    from riffscope import cli
    from riffscope.cli.command import discover

    discover()  # imports the commands
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, before)
    cli.run()


def _end(_: int, __: FrameType | None) -> NoReturn:
    with contextlib.suppress(OSError):  # there may be no stderr
        os.write(2, b"interrupted\n")
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    run()
