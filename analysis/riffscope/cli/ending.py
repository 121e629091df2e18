"""How a run ends, and what it leaves: by request, by the user, quietly."""

import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import NoReturn


@contextlib.contextmanager
def ended_in_order() -> Iterator[None]:
    """While this is open, a request to end (SIGTERM, SIGHUP) is an interrupt: what is half written is taken away.

    Also decorates a function. What ignores such a signal, as ``nohup`` makes it, goes on ignoring it.
    """
    before: dict[int, signal.Handlers] = {}
    if threading.current_thread() is threading.main_thread():
        for number in (getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)):
            if signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.SIG_DFL
                signal.signal(number, signal.default_int_handler)
    try:
        yield
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
    """End the process: at once where it was interrupted, for a step that still runs cannot be stopped otherwise."""
    if status and any(thread is not threading.main_thread() and not thread.daemon for thread in threading.enumerate()):
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                stream.flush()
        os._exit(status)
    sys.exit(status)
