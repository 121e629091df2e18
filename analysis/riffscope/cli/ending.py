"""How a run ends, and what it leaves: by request, by the user, quietly."""

import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

from riffscope.cli.command import INTERRUPTED


class Ending:
    """Whether a command was asked to end.

    Attributes
    ----------
    asked : bool
        It was. What imports modules may make another error of the interrupt, or drop it.
    """

    def __init__(self) -> None:
        self.asked = False

    def take(self, _: int, __: FrameType | None) -> NoReturn:
        """Take a signal."""
        self.asked = True
        raise KeyboardInterrupt


@contextlib.contextmanager
def ended_in_order() -> Iterator[Ending]:
    """While this is open, a request to end (SIGTERM, SIGHUP) is an interrupt: what is half written is taken away.

    What ignores such a signal, as ``nohup`` makes it, goes on ignoring it.
    """
    ending, before = Ending(), {}
    if threading.current_thread() is threading.main_thread():
        for number in (getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)):
            if (handler := signal.getsignal(number)) in {signal.SIG_DFL, signal.default_int_handler}:
                before[number] = handler
                signal.signal(number, ending.take)
    try:
        yield ending
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def others_quiet() -> Iterator[None]:
    """While this is open, keep what other packages warn of or log from stderr: it is not about the user's songs.

    Nothing is shown in windows either: a backend that matplotlib does not know would keep it from being imported.
    """
    backend = os.environ.get("MPLBACKEND")
    os.environ["MPLBACKEND"] = "agg"
    nowhere = logging.NullHandler()
    root = logging.getLogger()
    root.addHandler(nowhere)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        if backend is None:
            del os.environ["MPLBACKEND"]
        else:
            os.environ["MPLBACKEND"] = backend
        root.removeHandler(nowhere)


def leave(status: int) -> NoReturn:
    """End the process: at once where it was interrupted, for a step that still runs cannot be stopped otherwise.

    There is nothing left to interrupt: who does it all the same ends the process, without a word.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    others = any(thread is not threading.main_thread() and not thread.daemon for thread in threading.enumerate())
    if status == INTERRUPTED or (status and others):
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                stream.flush()
        os._exit(status)
    sys.exit(status)
