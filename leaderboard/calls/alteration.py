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
        edge = _edge(mask)
        most = min(_GROWN, edge.size)
        # From all of them, because a small hole has few, and their sets would soon come again.
        chosen = random.permutation(edge)[: int(random.integers(most - most // 2, most + 1))]
        rows, columns = np.divmod(chosen, width)
        mask[rows, columns] = True
        image[rows, columns] = 0


def _edge(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Find the known pixels beside the hole, as indices into the flat mask."""
    flat, width = mask.ravel(), mask.shape[1]
    beside = np.flatnonzero(flat[1:] != flat[:-1])
    beside = beside[(beside + 1) % width != 0]
    above = np.flatnonzero(flat[width:] != flat[:-width])
    return np.unique(
        np.concatenate([np.where(flat[at], at + step, at) for at, step in ((beside, 1), (above, width))])
    )


def remembered(repeated_s: float, seconds: Sequence[float]) -> bool:
    """Tell whether a repeated call was answered from memory.

    Args:
        repeated_s: of a call with the same inputs as the one before it.
        seconds: of calls with inputs that were new.
    """
    fastest = min(seconds)
    return repeated_s < _REMEMBERED * fastest and fastest - repeated_s > _NOTICEABLE_S
