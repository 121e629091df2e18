"""`riffscope serve` as its user starts it: a process of its own, which prints an address and ends with Ctrl-C."""

import os
import re
import signal
import subprocess
import sys
import threading
import time

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\?token=\S+")


class Serving:
    """A running local page.

    Attributes
    ----------
    address : str
        The address to open, with its token.
    root, host : str
        The address without it, and its host alone, with the port.
    library : Path
        Where it keeps songs.
    """

    def __init__(self, *options, library, wait_s=60.0, **environment):
        command = [sys.executable, "-P", "-m", "riffscope", "serve", "--no-open", *options]
        self.printed = []
        self.library = library
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            bufsize=1,
            env=os.environ | {"RIFFSCOPE_LIBRARY": str(library), "OMP_NUM_THREADS": "1", **environment},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        until = time.monotonic() + wait_s
        while not (found := ADDRESS.search("".join(self.printed))):
            if time.monotonic() > until or self._process.poll() is not None:
                self._process.kill()
                raise TimeoutError(f"no address: {''.join(self.printed)}")
            time.sleep(0.02)
        self.address = found[0]
        self.root = self.address.partition("?")[0].rstrip("/")
        self.host = self.root.removeprefix("http://")

    def _read(self):
        self.printed += iter(self._process.stdout.readline, "")

    @property
    def pid(self):
        """The number of its process."""
        return self._process.pid

    def stop(self, *, wait_s=20.0):
        """End it as Ctrl-C does, and return its exit status; what does not end is killed, which is an error."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            status = self._process.wait(wait_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        self._reader.join(5)
        self._process.stdout.close()
        return status
