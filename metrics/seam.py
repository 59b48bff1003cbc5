"""The rim of the hole: does the fill join the known pixels as smoothly as the original does?"""

from typing import Any

import numpy as np
import numpy.typing as npt

from _df8k.kernels import serial_kernel

from .pair import Pair, in_strips
from .regions import Undefined, Value

_STRIP_ROWS = 128


@serial_kernel
def _add_breaks(image: Any, mask: Any, first: int, last: int, sums: Any) -> None:
    """Add up |2nd-order breaks| of the gradient across the hole's rim, pairs along rows and columns.

    ``sums``: int64 ``(2,)``, twice the breaks in grey levels, and samples.
    """
    height, width = mask.shape
    for y in range(first, last):
        for x in range(width):
            for axis in range(2):
                dy, dx = (0, 1) if axis == 0 else (1, 0)
                if y - dy < 0 or x - dx < 0 or y + 2 * dy >= height or x + 2 * dx >= width:
                    continue
                if mask[y, x] == mask[y + dy, x + dx]:
                    continue
                for channel in range(3):
                    a = np.int64(image[y - dy, x - dx, channel])
                    b = np.int64(image[y, x, channel])
                    c = np.int64(image[y + dy, x + dx, channel])
                    d = np.int64(image[y + 2 * dy, x + 2 * dx, channel])
                    sums[0] += abs(2 * (c - b) - (b - a) - (d - c))
                    sums[1] += 1


def seam(pair: Pair) -> dict[str, Value]:
    """Gradient discontinuity across the rim of the hole, against the original's at the same place.

    For every pair of neighbours of which one is missing, the break is how far the step across the rim is from
    the mean of the steps before and after it: 0 on any ramp. Means over all pairs and channels are compared.

    Returns:
        ``excess``: prediction less original, in units of the full range; 0 joins like the original, above 0 a
        visible seam, below 0 a rim that is smoother than the original's. ``ratio``: prediction over original.
    """
    breaks = [_breaks(image, pair.mask) for image in (pair.prediction, pair.target)]
    samples = int(breaks[0][1])
    if samples == 0:
        none = Undefined("no missing pixel has a known neighbour with room on either side")
        return {"excess": none, "ratio": none}
    ours, original = int(breaks[0][0]), int(breaks[1][0])
    flat = Undefined("the original has no gradient break at all along the rim")
    ratio = ours / original if original else (1.0 if ours == 0 else flat)
    return {"excess": (ours - original) / (2 * samples * 255.0), "ratio": ratio}


def _breaks(image: npt.NDArray[np.uint8], mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    def work(first: int, last: int) -> npt.NDArray[np.int64]:
        sums = np.zeros(2, np.int64)
        _add_breaks(image, mask, first, last, sums)
        return sums

    total: npt.NDArray[np.int64] = np.sum(in_strips(work, mask.shape[0], _STRIP_ROWS), axis=0)
    return total
