"""Methods that others bring: Python code in its own process, ONNX, TorchScript, external commands."""

from .factory import open_method
from .options import WithOptions, registered_name
from .settings import Limits

__all__ = ["Limits", "WithOptions", "open_method", "registered_name"]
