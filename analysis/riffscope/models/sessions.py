"""How trained networks are run: on one thread, in little memory, without a word, and without the network.

From version 1.32 on, onnxruntime carries a telemetry client that looks up its vendor's host ten seconds after the
import. An environment variable set before that import keeps it off; `disable_telemetry_events` alone comes too late to
stop what the import has set going (Privacy.md of onnxruntime).
"""

import functools
import os
import threading
import types
from pathlib import Path
from typing import TYPE_CHECKING

from riffscope.arrays import Float32s

if TYPE_CHECKING:
    from onnxruntime import InferenceSession, RunOptions

# The environment variable that keeps it off (Privacy.md of onnxruntime).
TELEMETRY_OFF = "ORT_DISABLE_TELEMETRY"
# Of onnxruntime's five levels the one at which a run has failed; what is less says nothing to a user of riffscope.
ERRORS_ONLY = 3


def open_session(graph: bytes | Path, *, plans: bool = False) -> "InferenceSession":
    """Make a network ready to run on the thread that calls it; several threads may call it at once.

    Of a network given as bytes they are kept as long as it is, beside the weights in them.

    Parameters
    ----------
    plans : bool
        Whether to plan the memory of a run by the first one of its shape (`PlannedRuns`).
    """
    onnxruntime = load_onnxruntime()
    options = onnxruntime.SessionOptions()
    # One thread: other steps run beside it, and a spinning pool would burn the cores that they need.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = ERRORS_ONLY
    # A plan takes memory of its own beside that of the run that it was made of, and is no faster.
    options.enable_mem_pattern = plans
    session: InferenceSession = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    return session


class PlannedRuns:
    """Runs of a network in memory that was planned, of which several at once take little more than their sum.

    Without a plan they take their memory in turns, bit by bit, and what lies between it is lost: about half as much
    again. The run that a plan is made of has none; so it is the only one of its kind, and what it took is given back
    before the first with a plan. One run at a time takes less memory without.
    """

    def __init__(self, session: "InferenceSession") -> None:
        self._session = session
        self._planned: set[tuple[int, ...]] = set()
        self._planning = threading.Lock()

    def run(
        self, outputs: list[str], given: dict[str, Float32s], options: "RunOptions | None" = None
    ) -> list[Float32s]:
        """Run the network, as `onnxruntime.InferenceSession.run` does."""
        shape = tuple(length for one in given.values() for length in one.shape)
        if shape not in self._planned:
            with self._planning:
                if shape not in self._planned:
                    first: list[Float32s] = self._session.run(outputs, given, giving_back())
                    self._planned.add(shape)
                    return first
        again: list[Float32s] = self._session.run(outputs, given, options)
        return again


@functools.cache
def giving_back() -> "RunOptions":
    """Return the options of a run after which a network gives back the memory that it ran in.

    Without them it keeps the memory of its largest run for the next one, which is quicker where that follows at once.
    """
    options: RunOptions = load_onnxruntime().RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


def load_onnxruntime() -> types.ModuleType:
    """Import onnxruntime with its telemetry and its log switched off; the one place that imports it."""
    os.environ[TELEMETRY_OFF] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    onnxruntime.set_default_logger_severity(ERRORS_ONLY)
    return onnxruntime  # type: ignore[no-any-return]
