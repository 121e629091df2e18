"""The press: a process of its own that makes documents from a library, one after the other.

Started by `riffscope.web.press`. Standard input brings orders, a line of JSON each; standard output takes an answer to
each. When its input ends, as it does when the page's server dies by whatever cause, it ends too, at once: what it was
making lies in a folder that the server removes.
"""

import os
import queue
import sys
import threading
from pathlib import Path

import msgspec

from riffscope import memory
from riffscope.errors import BadClaim, RiffscopeError, one_line
from riffscope.library.worker import ignore_interrupts, take_streams
from riffscope.web.errands import Answer, Order, Refused

# Of a claims file with more mistakes only so many are told: the answer is one line.
MISTAKES = 3


def main() -> None:
    """Make what standard input orders until there is no more."""
    ignore_interrupts()
    memory.keep_little()
    lines, said = take_streams()
    waiting: queue.SimpleQueue[Order] = queue.SimpleQueue()

    def listen() -> None:
        for line in lines:
            waiting.put(msgspec.json.decode(line, type=Order))
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    load()
    while True:
        answer = answer_to(waiting.get())
        try:
            said.write(msgspec.json.encode(answer) + b"\n")
            said.flush()
        except OSError:  # the server has gone
            os._exit(0)
        memory.give_back()


def load() -> None:
    """Import what a report needs before the first is asked for: it takes seconds."""
    import riffscope.report.html
    import riffscope.report.song_report
    import riffscope.web.documents  # noqa: F401


def answer_to(order: Order) -> Answer:
    """Make what is ordered, or say in one line why that is not possible."""
    from riffscope.web.documents import make

    try:
        folder = Path(order.folder)
        folder.mkdir(parents=True, exist_ok=True)
        return make(order.errand, folder)
    except BadClaim as why:
        more = len(why.problems) - MISTAKES
        told = [*why.problems[:MISTAKES], *([f"and {more} more"] if more > 0 else [])]
        return Refused(one_line("; ".join(told)))
    except RiffscopeError as why:
        return Refused(one_line(str(why)))
    except MemoryError:
        return Refused("this needs more memory than there is (close other programs)")
    except OSError as why:
        return Refused(one_line(f"a file cannot be read or written: {why.strerror or why} (check the disk)"))
    except Exception as bug:  # noqa: BLE001 - a bug of ours costs this errand alone, and is told
        return Refused(one_line(f"riffscope itself failed: {type(bug).__name__}: {bug}"))


if __name__ == "__main__":
    main()
    sys.exit(0)
