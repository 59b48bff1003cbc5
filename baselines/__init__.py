"""Inpainting methods behind one protocol: ``inpaint(image, mask) -> image``.

Example:
    >>> import numpy as np
    >>> from df8k import baselines
    >>> inpaint = baselines.load("mean")
    >>> image = np.full((8, 8, 3), 90, np.uint8)
    >>> hole = np.zeros((8, 8), bool)
    >>> hole[2:5, 2:5] = True
    >>> int(inpaint(image, hole)[3, 3, 0])
    90
"""

from _df8k.short_names import join

join(__name__)

from ._registry import MethodEntry, UnknownMethodError, load, methods  # noqa: E402 - one module has one name
from .adapters import Function, Limits, WithOptions, as_inpainter, open_method, registered_name  # noqa: E402
from .base import Inpainter, MethodCard, MethodError, MethodFailedError, check_inputs  # noqa: E402
from .strategy import Strategy, with_strategy  # noqa: E402

__all__ = [
    "Function",
    "Inpainter",
    "Limits",
    "MethodCard",
    "MethodEntry",
    "MethodError",
    "MethodFailedError",
    "Strategy",
    "UnknownMethodError",
    "WithOptions",
    "as_inpainter",
    "check_inputs",
    "load",
    "methods",
    "open_method",
    "registered_name",
    "with_strategy",
]
