"""Alter a picture a little from call to call, so that a method that remembers its answers has to work."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

# A call that was made before, in a quarter of the time of the fastest that was not: it was remembered.
_REMEMBERED: Final = 0.25
_NOTICEABLE_S: Final = 0.02
_PIXELS: Final = 64
_GROWN: Final = 8


class Alteration:
    """Series of small alterations, different in each run of the program: no disk can hold their answers.

    The work stays the same: up to 64 known pixels change by one grey level, the hole grows by 8 at most.
    Scores are never computed from altered pictures.
    """

    def __init__(self) -> None:
        self._salt = int(np.random.default_rng().integers(2**32))
        self._number = 0

    def apply(
        self, image: npt.NDArray[np.uint8], mask: npt.NDArray[np.bool_], *, again: bool = False
    ) -> None:
        """Alter the inputs of one call in place.

        Args:
            image: uint8 RGB ``(H, W, 3)``, its hole zeroed.
            mask: bool ``(H, W)``, ``True`` = missing.
            again: make the last alteration once more.
        """
        self._number += not again
        random = np.random.default_rng((self._salt, self._number))
        height, width = mask.shape
        rows, columns = random.integers(height, size=_PIXELS), random.integers(width, size=_PIXELS)
        known = ~mask[rows, columns]
        values = image[rows[known], columns[known]]
        image[rows[known], columns[known]] = np.where(values > 0, values - 1, 1)
        # Several, because one of the few pixels beside a small hole would soon come again.
        for row, column in zip(rows[~known][:_GROWN], columns[~known][:_GROWN], strict=True):
            before = np.flatnonzero(~mask[row, :column])
            if before.size:
                mask[row, before[-1]] = True
                image[row, before[-1]] = 0


def remembered(repeated_s: float, seconds: Sequence[float]) -> bool:
    """Tell whether a repeated call was answered from memory.

    Args:
        repeated_s: of a call with the same inputs as the one before it.
        seconds: of calls with inputs that were new.
    """
    fastest = min(seconds)
    return repeated_s < _REMEMBERED * fastest and fastest - repeated_s > _NOTICEABLE_S
