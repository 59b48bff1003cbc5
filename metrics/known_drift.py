"""How far a method changed what it was told to keep."""

from typing import Any

import numpy as np
import numpy.typing as npt

from _df8k.kernels import serial_kernel

from .pair import Pair, in_strips
from .regions import Undefined, Value

_STRIP_ROWS = 128


@serial_kernel
def _add_drift(x: Any, y: Any, mask: Any, sums: Any) -> None:
    """Add up errors of known pixels: sum, pixels changed, largest, known pixels."""
    for row in range(mask.shape[0]):
        for column in range(mask.shape[1]):
            if mask[row, column]:
                continue
            total = largest = np.int64(0)
            for channel in range(3):
                error = abs(np.int64(x[row, column, channel]) - np.int64(y[row, column, channel]))
                total += error
                largest = max(largest, error)
            sums[0] += total
            sums[1] += total > 0
            sums[2] = max(sums[2], largest)
            sums[3] += 1


def known_drift(pair: Pair) -> dict[str, Value]:
    """Difference from the original over the known pixels; meant for outputs before compositing.

    Returns:
        ``known``: mean absolute error over the known pixels. ``changed``: share of them with any channel
        changed. ``largest``: the largest change of one channel. Errors are in units of the full range.
    """

    def work(first: int, last: int) -> npt.NDArray[np.int64]:
        sums = np.zeros(4, np.int64)
        rows = slice(first, last)
        _add_drift(pair.prediction[rows], pair.target[rows], pair.mask[rows], sums)
        return sums

    strips = np.stack(in_strips(work, pair.mask.shape[0], _STRIP_ROWS))
    total, changed, _, known = (int(value) for value in strips.sum(axis=0))
    if known == 0:
        nothing = Undefined("no pixel is known")
        return dict.fromkeys(("known", "changed", "largest"), nothing)
    return {
        "known": total / (3 * known * 255.0),
        "changed": changed / known,
        "largest": int(strips[:, 2].max()) / 255.0,
    }
