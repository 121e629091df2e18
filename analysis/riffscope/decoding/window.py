"""The part of an open file that others may read."""

import io
import os


class Window:
    """Bytes of an open file from one place to another, as a file of its own.

    It never raises: exceptions in the callback of a C library are printed on stderr. `error` keeps the first one's
    reason, and after it, or after `stop`, the file is at its end.

    Attributes
    ----------
    size_bytes : int
        How long the window is.
    error : str
        Why reading failed; empty where it did not.
    """

    def __init__(self, file: io.FileIO, start: int, end: int) -> None:
        self._file = file
        self._start = start
        self._at = 0
        self._stopped = False
        self.size_bytes = max(end - start, 0)
        self.error = ""

    def read(self, size: int = -1) -> bytes:
        """Read as many bytes, or fewer at the end."""
        left = self.size_bytes - self._at
        if self._stopped or left <= 0:
            return b""
        try:
            self._file.seek(self._start + self._at)
            data = self._file.read(min(size, left) if size >= 0 else left)
        except (OSError, ValueError) as why:  # ValueError: it was closed, for nobody waits any more
            self.error = getattr(why, "strerror", None) or str(why)
            self.stop()
            return b""
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place, which may lie beyond the end; -1 where it lies before the start."""
        at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size_bytes}[whence]
        if not 0 <= at < 2**63:
            return -1
        self._at = at
        return at

    def tell(self) -> int:
        """Return the place, counted from the start of the window."""
        return self._at

    def part(self, start: int, end: int) -> "Window":
        """Return the part from one place to another as a window of its own."""
        return Window(self._file, self._start + start, self._start + min(end, self.size_bytes))

    def stop(self) -> None:
        """Let whoever still reads see the end."""
        self._stopped = True
