"""Decoding that the user can interrupt.

Python hands an interrupt to whatever runs on the main thread. Where that is a callback of a C library, the interrupt is
printed and dropped, and the library takes it for the end of the file. So decoders run on a thread of their own.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")

# A decoder that sees the end of its file ends at once.
STOPS_WITHIN_S = 2.0


def interruptible(work: Callable[[], T], stop: Callable[[], None]) -> T:
    """Return what work returns, or raise what it raises; call `stop` where the main thread is interrupted meanwhile.

    The work must end soon after that.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()  # interrupts do not come here
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as why:  # noqa: BLE001 - raised again where it is waited for
            done.set_exception(why)

    thread = threading.Thread(target=run, name="riffscope-decode", daemon=True)
    try:
        thread.start()
        return done.result()
    except BaseException:
        if not done.done():
            stop()
            if thread.ident is not None:
                thread.join(STOPS_WITHIN_S)  # it still reads a file that is about to be closed
        raise
