"""onnxruntime, as detectors use it: one thread, since a worker must not take the cores of the others."""

import importlib.util
from typing import Any

from df8k.errors import BuildError


def has_runtime() -> bool:
    """Tell whether onnx and onnxruntime are installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("onnx", "onnxruntime"))


def require_runtime(detector: str) -> None:
    """Refuse a detector that cannot be run here.

    Raises:
        BuildError: onnx or onnxruntime is not installed.
    """
    if not has_runtime():
        raise BuildError(f"the detector {detector!r} needs onnxruntime: pip install onnxruntime")


def open_session(model: Any) -> Any:
    """Open an ``onnx.ModelProto`` on one thread of the CPU."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
