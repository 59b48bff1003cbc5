"""Gradient energy in the hole: does the fill have as much detail as the original?"""

from math import inf, log

import numpy as np
import numpy.typing as npt

from df8k.metrics.pair import Pair, in_strips
from df8k.metrics.regions import Undefined, Value
from df8k.metrics.spec import MetricSpec

METRICS = (
    MetricSpec(
        name="energy",
        variant="energy-grey-v1",
        summary="mean difference of neighbours in the hole, over the original's, and how far it is from it",
        source="this suite, docs/metrics.md",
        kind="pairwise",
        higher_is_better=None,
        range=(0.0, inf),
        regions=("ratio", "gap"),
        target="df8k.metrics.pairwise.energy:energy",
    ),
)
_STRIP_ROWS = 128
# Grey levels that both sides are taken to have besides, so that a fill without any detail has a finite gap.
_FLOOR = 0.01


def energy(pair: Pair) -> dict[str, Value]:
    """Compare the mean absolute difference of neighbouring missing pixels with the original's.

    Differences are of grey values, the mean of the channels, of a pixel to those below and right of it.

    Returns:
        ``ratio``: prediction over original; below 1 has less detail, above 1 more. ``gap``: absolute natural
        logarithm of that ratio, 0.01 grey levels added to both sides; 0 has as much, whichever way it errs.
        Neither says whether the detail is of the right kind.
    """
    total, pairs = _sums(pair.prediction, pair.mask)
    original, _ = _sums(pair.target, pair.mask)
    if pairs == 0:
        undefined = Undefined("no two neighbouring pixels are missing")
        return {"ratio": undefined, "gap": undefined}
    flat = Undefined("the original has no detail at all in the hole")
    ratio = total / original if original else (1.0 if total == 0 else flat)
    levels = [count / (3 * pairs) + _FLOOR for count in (total, original)]
    return {"ratio": ratio, "gap": abs(log(levels[0] / levels[1]))}


def _sums(image: npt.NDArray[np.uint8], mask: npt.NDArray[np.bool_]) -> tuple[int, int]:
    from df8k.metrics.kernels.energy import add_energy

    def work(first: int, last: int) -> npt.NDArray[np.int64]:
        sums = np.zeros(2, np.int64)
        add_energy(image, mask, first, last, sums)
        return sums

    total, pairs = np.sum(in_strips(work, mask.shape[0], _STRIP_ROWS), axis=0)
    return int(total), int(pairs)
