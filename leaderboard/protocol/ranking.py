"""Choose what ranks methods: a perceptual metric of the hole, whichever the results have.

Smooth fills win every error of pixels by construction, and statistics of sets alone are met by random
texture: neither ever ranks.
"""

from collections.abc import Collection, Sequence
from typing import Final

from df8k import metrics

# First the field's own, then those whose weights anyone can have, then the one that needs none.
PERCEPTUAL: Final = (
    "lpips-alex.hole",
    "lpips-vgg.hole",
    "lpips-squeeze.hole",
    "st-lpips-alex.hole",
    "st-lpips-vgg.hole",
    "haarpsi.hole",
)
PIXEL_ERROR: Final = "l1.hole"


def ranking_key(measured: Sequence[Collection[str]]) -> str | None:
    """Choose the metric that ranks: the first of `PERCEPTUAL` that the most results have.

    Args:
        measured: the metric keys of each result that scored anything.

    Returns:
        ``None`` where none of them was measured: such results are not ranked.
    """
    counts = {key: sum(key in keys for keys in measured) for key in PERCEPTUAL}
    most = max(counts.values())
    return next((key for key, count in counts.items() if count == most), None) if most else None


def metric_of(key: str) -> metrics.MetricSpec:
    """Look up the metric of a key, with the direction in which it is better.

    Args:
        key: ``name.region``, or the name of a metric of sets.

    Raises:
        metrics.MetricError: no metric is called so.
    """
    return metrics.get(key.partition(".")[0])
