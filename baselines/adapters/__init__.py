"""Methods that others bring: Python code in its own process, ONNX, TorchScript, external commands."""

from .factory import open_method
from .function import Function, as_inpainter
from .options import WithOptions, registered_name
from .settings import Limits

__all__ = ["Function", "Limits", "WithOptions", "as_inpainter", "open_method", "registered_name"]
