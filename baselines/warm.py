"""Compile the loops of all methods, by filling small pictures; see `df8k.warm`."""

from typing import Final

import numpy as np

from ._registry import load, methods
from .base import MethodError

# Wide enough for a working scale of two, and for a hole with several levels.
_SIDE: Final = 600
_PITCH: Final = 60
_WITHOUT_LOOPS: Final = ("rethined-untrained", "rethined-official")


def warm_methods() -> None:
    """Fill small pictures with every method that is no peer; those that cannot run are left out."""
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (_SIDE, _SIDE, 3), np.uint8)
    # A picture that repeats itself is filled by other loops.
    pattern = np.tile(noise[:_PITCH, :_PITCH], (_SIDE // _PITCH, _SIDE // _PITCH, 1))
    mask = np.zeros((_SIDE, _SIDE), np.bool_)
    mask[150:350, 200:380] = True
    for name, entry in methods().items():
        untrained = entry.weights is not None and not entry.weights.exists()
        # Entry points are strangers'; networks without weights have no loops of their own.
        if entry.peer or untrained or name in _WITHOUT_LOOPS or not entry.target.startswith(__package__):
            continue
        for image in (noise, pattern):
            image[mask] = 0
            try:
                load(name)(image, mask)
            except MethodError:
                break
