"""Free-form masks: the same bytes everywhere, the same shape at every size.

Everywhere in memory a mask is a bool array ``(H, W)``, True = missing; in a PNG 255 = missing.

Example:
    >>> import masks
    >>> vector = masks.synthesize(aspect=(3, 2), preset="df8k", key="any stable text")
    >>> small, large = vector.coverage(768, 512), vector.coverage(3072, 2048)
    >>> 0.30 <= small <= 0.50 and abs(small - large) < 0.002
    True
    >>> masks.VectorMask.from_json(vector.json) == vector
    True
"""

from _df8k_guard import check_siblings

check_siblings(__file__)

from .errors import MaskError, PolarityWarning  # noqa: E402 - the guard comes first
from .files import decode_png, encode_png  # noqa: E402
from .synthesis import synthesize  # noqa: E402
from .vector import VectorMask  # noqa: E402

__all__ = [
    "MaskError",
    "PolarityWarning",
    "VectorMask",
    "decode_png",
    "encode_png",
    "synthesize",
]
