"""Compile the loops of all methods once, beside the package, so that no first call waits for it.

``python -m df8k.baselines.warm`` does it at installation; where the package's folder cannot be written, numba
keeps the loops in the user's cache.
"""

import sys
from time import perf_counter
from typing import Final

import numpy as np

from ._registry import load, methods
from .base import MethodError

# Wide enough for a working scale of two, and for a hole with several levels.
_SIDE: Final = 600
_WITHOUT_LOOPS: Final = ("rethined-untrained", "rethined-official")


def warm() -> dict[str, float]:
    """Fill a small picture with every registered method that is no peer.

    Returns:
        Name → seconds; methods that cannot run here are left out.
    """
    random = np.random.default_rng(0)
    image = random.integers(0, 256, (_SIDE, _SIDE, 3), np.uint8)
    mask = np.zeros((_SIDE, _SIDE), np.bool_)
    mask[150:350, 200:380] = True
    image[mask] = 0
    seconds = {}
    for name, entry in methods().items():
        untrained = entry.weights is not None and not entry.weights.exists()
        # Entry points are strangers'; networks without weights have no loops of their own.
        if entry.peer or untrained or name in _WITHOUT_LOOPS or not entry.target.startswith(__package__):
            continue
        start = perf_counter()
        try:
            load(name)(image, mask)
        except MethodError:
            continue
        seconds[name] = perf_counter() - start
    return seconds


if __name__ == "__main__":
    sys.stderr.write("compiling the methods' loops, once ...\n")
    sys.stderr.write(f"done in {sum(warm().values()):.0f} s\n")
