"""Methods that others bring: Python code in its own process, ONNX, TorchScript, external commands."""

from .factory import open_method
from .settings import Limits

__all__ = ["Limits", "open_method"]
