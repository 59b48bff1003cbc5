"""Draws of a stochastic method, one for each seed: the same seed and picture give the same draw."""

import inspect
import random
import sys
import zlib
from collections.abc import Callable

import numpy as np

from .base import Image, Inpainter, Mask, Reseeds, Wrapper, unwrap

_RANGE = 2**32


class Seeded(Wrapper):
    """Method whose randomness follows from a seed and the picture, not from what was called before.

    A method with the hook `baselines.base.Reseeds` is told a seed before each call. Of any other the
    generators of ``random``, numpy and torch in this process are seeded.
    """

    def __init__(self, inpaint: Inpainter, seed: int) -> None:
        super().__init__(inpaint)
        self._seed = seed

    def __call__(self, image: Image, mask: Mask) -> Image:
        """Fill the hole; see `Inpainter`."""
        seed = seed_of(self._seed, mask)
        if not reseed(self.inpaint, seed):
            seed_generators(seed)
        return self.inpaint(image, mask)


def reseed(inpaint: Inpainter, seed: int) -> bool:
    """Tell a method the seed of its next calls, through its wrappers; ``False`` where it takes none."""
    innermost = unwrap(inpaint)
    if not isinstance(innermost, Reseeds):
        return False
    innermost.reseed(seed)
    return True


def seed_of(seed: int, mask: Mask) -> int:
    """Derive the seed of one call, so that pictures get draws of their own; 0 to 2³² - 1."""
    return zlib.crc32(np.packbits(mask).tobytes(), zlib.crc32(f"{seed} {mask.shape}".encode())) % _RANGE


def seed_generators(seed: int) -> None:
    """Seed the global generators that methods draw from; torch's only where torch is in use."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the global generator is what such methods draw from
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)


def takes_seed(function: Callable[..., object]) -> bool:
    """Tell whether a function has a parameter ``seed``."""
    try:
        return "seed" in inspect.signature(function).parameters
    except (TypeError, ValueError):  # a callable that tells no signature
        return False
