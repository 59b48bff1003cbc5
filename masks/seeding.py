"""Random integers that are a pure function of a text key.

The key's SHA-256 keys a Philox counter, whose raw words NumPy keeps stable between releases; NumPy's
distributions, which it does not, are not used. Directions come from integer points in a disc, so no
platform's sine enters.
"""

from hashlib import sha256
from math import isqrt
from typing import Final

import numpy as np

_BLOCK: Final = 512
_DISC: Final = 32767


class Stream:
    """Sequence of random integers; equal keys give equal sequences on every platform."""

    def __init__(self, key: str) -> None:
        digest = sha256(key.encode("utf-8")).digest()
        self._bits = np.random.Philox(key=int.from_bytes(digest[:16], "little"))
        self._words: list[int] = []

    def word(self) -> int:
        """Draw a uniform 32-bit integer."""
        if not self._words:
            self._words = (self._bits.random_raw(_BLOCK) >> np.uint64(32)).tolist()[::-1]
        return self._words.pop()

    def between(self, low: int, high: int) -> int:
        """Draw a uniform integer in [low, high], both included; the range holds at most 2**32 values."""
        return low + (self.word() * (high - low + 1) >> 32)

    def chance(self, numerator: int, denominator: int) -> bool:
        """Draw True in ``numerator`` of ``denominator`` cases."""
        return self.between(0, denominator - 1) < numerator

    def direction(self, length: int) -> tuple[int, int]:
        """Draw a vector of about ``length`` lattice units whose direction is uniform on the circle."""
        while True:
            word = self.word()
            x, y = (word >> 16) - 32768, (word & 0xFFFF) - 32768
            square = x * x + y * y
            if (_DISC // 8) ** 2 < square <= _DISC * _DISC:  # short points would make coarse directions
                norm = isqrt(square << 16)  # 256 times the length
                return _rounded(x * length << 8, norm), _rounded(y * length << 8, norm)


def _rounded(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
