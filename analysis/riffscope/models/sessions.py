"""How trained networks are run."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def open_session(graph: bytes) -> "InferenceSession":
    """Make a network ready to run on the thread that calls it; several threads may call it at once."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # One thread: other steps run beside it, and a spinning pool would burn the cores that they need.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
