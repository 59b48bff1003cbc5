"""Fill the hole of one's own photograph, at full size, with any method."""

from .run import Filled, fill

__all__ = ["Filled", "fill"]
