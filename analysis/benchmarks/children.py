"""Programs run as child processes, and what each cost."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Linux counts memory in KiB, macOS in bytes.
PEAK_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a finished process took, its start included.

    Attributes
    ----------
    wall_s : float
        Time on the clock.
    cpu_s : float
        Time on all processors.
    peak_mb : float
        The most memory it held.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A process that has ended; `error` is empty where all went well."""

    output: bytes
    error: str
    cost: Cost


def run_child(command: Sequence[str], *, timeout_s: float, environment: Mapping[str, str] | None = None) -> Finished:
    """Run a command to its end, or for as long as it may take.

    Output goes through files: a full pipe would halt the child, and waiting on pipes hides what the child alone cost.
    """
    begin_s = time.monotonic()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, env=environment)
        timer = threading.Timer(timeout_s, child.kill)
        timer.start()
        try:
            _, status, used = os.wait4(child.pid, 0)
        finally:
            timer.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        cost = Cost(
            wall_s=time.monotonic() - begin_s,
            cpu_s=used.ru_utime + used.ru_stime,
            peak_mb=used.ru_maxrss * PEAK_UNIT_BYTES / 1e6,
        )
        output.seek(0)
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip()
        return Finished(output=output.read(), error=_what_failed(child.returncode, said, cost, timeout_s), cost=cost)


def _what_failed(status: int, said: str, cost: Cost, timeout_s: float) -> str:
    if status == 0:
        return ""
    if cost.wall_s >= timeout_s:
        return f"no answer in {timeout_s:.0f} s"
    return f"exit {status}: {said[-300:]}"
