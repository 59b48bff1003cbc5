"""Inference that never looks under the mask and leaves known pixels as they are: the default."""

import cv2
import numpy as np

from df8k.baselines.base import Image, Mask
from df8k.baselines.hifill.network.harmonic_fill import poisson_blend

from .copying import copy_detail
from .grid import Floats, Grid, reduce_picture, touched_cells
from .prediction import Runner
from .sources import choose_sources, unlikeness

# Of the copied detail: all of it costs more error than a smooth fill has, this about as much; see the card.
STRENGTH = 0.4


def fill_clean(image: Image, mask: Mask, network: Runner, *, residual: bool = True) -> Image:
    """Fill a picture of any size and aspect ratio.

    The scale follows from the picture (see `Grid`): its 32 x 32 cells are copied pixel by pixel and the
    picture is never resampled at full size. Missing pixels reach nothing: every network pixel to which one
    contributes counts as hole, and cells are copied only where they and all their neighbours are known. A
    network that starts from a harmonic fill has its result blended with the boundary at full size, see
    `poisson_blend`.

    Args:
        image: uint8 ``(H, W, 3)``, RGB; any size from 1 x 1.
        mask: bool ``(H, W)``, True = missing.
        network: HiFill's generator.
        residual: copy detail from other cells; without it the hole holds the network's enlarged result.

    Returns:
        A new uint8 ``(H, W, 3)`` array that differs from ``image`` under the mask only. With no valid cell
        to copy from, the hole holds the network's enlarged result.
    """
    output = image.copy()
    if not mask.any():
        return output
    grid = Grid(*mask.shape)
    reduced = reduce_picture(image, mask, grid)
    prediction = network(reduced.image, reduced.mask)
    queries, keys = np.flatnonzero(reduced.hole_cells), np.flatnonzero(prediction.valid & residual)
    if network.start == "membrane":
        # The pixels beside the hole are filled too, to see there by how much the fill is off.
        filled = _grown(mask)
        queries = np.flatnonzero(touched_cells(filled, grid))
        small = np.where(reduced.mask[..., None], prediction.filled, reduced.image)
        pairs = np.ix_(queries, keys)
        taken, unlike = prediction.weights()[pairs], unlikeness(small, reduced.mask)[pairs]
        sources = choose_sources(taken, unlike, queries, keys)
        low = _cut(small, network.reduction)
        copy_detail(output, image, filled, prediction.filled, low, sources, STRENGTH)
        poisson_blend(output, image, mask)
        return output
    import torch

    from .aggregation import aggregate

    with torch.inference_mode():
        attention = torch.as_tensor(prediction.attention)
        index = [torch.from_numpy(cells).to(attention.device) for cells in (queries, keys)]
        attention = attention[index[0]][:, index[1]]
        aggregate(output, mask, reduced.image, prediction.filled, attention, queries, keys)
    return output


def _cut(small: Floats, reduction: int) -> Floats:
    """Take away what the coarse stage cannot draw: detail finer than its pixels."""
    sigma = reduction / 2
    low: Floats = cv2.GaussianBlur(small, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    return low


def _grown(mask: Mask) -> Mask:
    """Grow the mask by the pixels that touch it."""
    grown: Mask = cv2.dilate(np.ascontiguousarray(mask).view(np.uint8), np.ones((3, 3), np.uint8)).view(
        np.bool_
    )
    return grown
