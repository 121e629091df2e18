"""A process that rules on claims for songs of a library, some at a time.

Started by `riffscope.library.rulings`. Standard input brings the library and the claims, then hashes of songs; standard
output takes how it rules on them. When its input ends, as it does when whoever started it ends, it ends too.
"""

import os
import pickle
import signal
import sys


def main() -> None:
    """Rule on the songs that standard input names until there are no more."""
    # A terminal sends Ctrl-C to every process: whoever started this one ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What a library prints goes to standard error.
    asked, said = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    from riffscope.library.rulings import ruled, unpacked
    from riffscope.library.store import Store

    address, sent = pickle.load(asked)  # noqa: S301 - of whoever started this process
    store, claims = Store(address), unpacked(sent)
    while True:
        try:
            songs = pickle.load(asked)  # noqa: S301 - of whoever started this process
        except EOFError:
            return
        pickle.dump([ruled(store, claims, sha256) for sha256 in songs], said)
        said.flush()


if __name__ == "__main__":
    main()
    sys.exit(0)
