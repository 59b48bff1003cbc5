"""Fill the hole of one's own photograph, at full size, with any method."""

from .fill import Filled, fill

__all__ = ["Filled", "fill"]
