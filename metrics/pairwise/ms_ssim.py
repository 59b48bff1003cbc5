"""Multi-scale structural similarity on an exact integer pyramid."""

from typing import TYPE_CHECKING, Any

from df8k.metrics.halving import halve, halve_mask
from df8k.metrics.pair import Pair
from df8k.metrics.regions import BLOCK_REGIONS, Undefined, Value, mean
from df8k.metrics.spec import MetricSpec

from .ssim import RADIUS, Similarity, full_scale, similarity

if TYPE_CHECKING:
    import numpy.typing as npt

METRICS = (
    MetricSpec(
        name="ms-ssim",
        variant="ms-ssim-g11s1.5-rgb-valid-pooled-v1",
        summary="SSIM over five scales, 2 x 2 means between them, channels pooled at every scale",
        source="Wang et al., Multi-Scale Structural Similarity for Image Quality Assessment, 2003",
        kind="pairwise",
        higher_is_better=True,
        range=(0.0, 1.0),
        regions=BLOCK_REGIONS,
        target="df8k.metrics.pairwise.ms_ssim:ms_ssim",
    ),
)
_EXPONENTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_PEAK = 255.0
_LEAST = (2 * RADIUS + 1) * 2 ** (len(_EXPONENTS) - 1)


def ms_ssim(pair: Pair) -> dict[str, Value]:
    """Multiply the mean contrast-structure over five scales, and the mean SSIM at the coarsest.

    Means are taken over the region and the three channels; a negative mean counts as zero, since it has no
    real power. The region of a coarser scale holds every block with a pixel of the hole.

    Source:
        Wang, Simoncelli and Bovik, Multi-Scale Structural Similarity for Image Quality Assessment, 2003,
        equation 7 and section 3.2.
    """
    if min(pair.mask.shape) < _LEAST:
        small = Undefined(
            f"five scales of an 11-pixel window need a picture of at least {_LEAST} pixels a side"
        )
        return dict.fromkeys(BLOCK_REGIONS, small)
    scales = [pair.share(full_scale)]
    x: npt.NDArray[Any] = pair.prediction
    y: npt.NDArray[Any] = pair.target
    mask, peak = pair.mask, _PEAK
    for _ in _EXPONENTS[1:]:
        x, y, mask, peak = halve(x), halve(y), halve_mask(mask), 4 * peak
        scales.append(similarity(x, y, mask, peak=peak))
    return {region: _product(region, scales) for region in BLOCK_REGIONS}


def _product(region: str, scales: list[Similarity]) -> Value:
    product = 1.0
    for scale, exponent in zip(scales, _EXPONENTS, strict=True):
        term = mean(region, scale.whole if scale is scales[-1] else scale.contrast, scale.counts)
        if isinstance(term, Undefined):
            return term
        product *= max(term, 0.0) ** exponent
    return product
