"""Change of the known pixels, which a method should leave alone."""

import numpy as np
import numpy.typing as npt

from df8k.metrics.pair import Pair, in_strips
from df8k.metrics.regions import Undefined, Value
from df8k.metrics.spec import MetricSpec

METRICS = (
    MetricSpec(
        name="known-drift",
        variant="known-drift-rgb-v1",
        summary="change of the known pixels: mean, share and largest; for outputs before compositing",
        source="this suite, docs/metrics.md",
        kind="pairwise",
        higher_is_better=False,
        range=(0.0, 1.0),
        regions=("known", "changed", "largest"),
        target="df8k.metrics.pairwise.known_drift:known_drift",
    ),
)
_STRIP_ROWS = 128


def known_drift(pair: Pair) -> dict[str, Value]:
    """Measure the difference from the original over the known pixels; for outputs before compositing.

    Returns:
        ``known``: mean absolute error over the known pixels. ``changed``: fraction of them with any channel
        changed. ``largest``: the largest change of one channel. Errors are in units of the full range.
    """
    from df8k.metrics.kernels.known_drift import add_drift

    def work(first: int, last: int) -> npt.NDArray[np.int64]:
        sums = np.zeros(4, np.int64)
        rows = slice(first, last)
        add_drift(pair.prediction[rows], pair.target[rows], pair.mask[rows], sums)
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
