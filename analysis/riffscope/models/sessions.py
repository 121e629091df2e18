"""How trained networks are run: on one thread, without a word, and without the network.

From version 1.32 on, onnxruntime carries a telemetry client that looks up its vendor's host ten seconds after the
import. An environment variable set before that import keeps it off; `disable_telemetry_events` alone comes too late to
stop what the import has set going (Privacy.md of onnxruntime).
"""

import os
import types
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

# The environment variable that keeps it off (Privacy.md of onnxruntime).
TELEMETRY_OFF = "ORT_DISABLE_TELEMETRY"
# Of onnxruntime's five levels the one at which a run has failed; what is less says nothing to a user of riffscope.
ERRORS_ONLY = 3


def open_session(graph: bytes) -> "InferenceSession":
    """Make a network ready to run on the thread that calls it; several threads may call it at once."""
    onnxruntime = load_onnxruntime()
    options = onnxruntime.SessionOptions()
    # One thread: other steps run beside it, and a spinning pool would burn the cores that they need.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = ERRORS_ONLY
    session: InferenceSession = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    return session


def load_onnxruntime() -> types.ModuleType:
    """Import onnxruntime with its telemetry and its log switched off; the one place that imports it."""
    os.environ[TELEMETRY_OFF] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    onnxruntime.set_default_logger_severity(ERRORS_ONLY)
    return onnxruntime  # type: ignore[no-any-return]
