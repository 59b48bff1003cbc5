"""How far a method changed what it was told to keep."""

import numpy as np

from .pair import Pair, in_strips
from .regions import Undefined, Value

_STRIP_ROWS = 128


def known_drift(pair: Pair) -> dict[str, Value]:
    """Difference from the original over the known pixels; meant for outputs before compositing.

    Returns:
        ``known``: mean absolute error over the known pixels. ``changed``: share of them with any channel
        changed. ``largest``: the largest change of one channel. Errors are in units of the full range.
    """
    known = int(pair.mask.size - np.count_nonzero(pair.mask))
    if known == 0:
        nothing = Undefined("no pixel is known")
        return dict.fromkeys(("known", "changed", "largest"), nothing)

    def work(first: int, last: int) -> tuple[int, int, int]:
        keep = ~pair.mask[first:last]
        ours, original = pair.prediction[first:last], pair.target[first:last]
        # The larger less the smaller stays in 8 bits.
        error = np.where(
            keep[..., None], np.maximum(ours, original) - np.minimum(ours, original), np.uint8(0)
        )
        return int(error.sum(dtype=np.int64)), int(np.count_nonzero(error.any(axis=2))), int(error.max())

    totals, changed, largest = zip(*in_strips(work, pair.mask.shape[0], _STRIP_ROWS), strict=True)
    return {
        "known": sum(totals) / (3 * known * 255.0),
        "changed": sum(changed) / known,
        "largest": max(largest) / 255.0,
    }
