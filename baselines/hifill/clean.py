"""Inference that never looks under the mask and leaves known pixels as they are: the default."""

import numpy as np
import torch

from baselines.base import Image, Mask

from .aggregation import aggregate
from .grid import Grid, reduce
from .network import Network


def fill_clean(image: Image, mask: Mask, network: Network) -> Image:
    """Fill a picture of any size and aspect ratio.

    The scale follows from the picture (see `Grid`): its 32 x 32 cells are copied pixel by pixel and the
    picture is never resampled at full size. Missing pixels reach nothing: every network pixel to which one
    contributes counts as hole, and cells are copied only where they and all their neighbours are known.

    Args:
        image: uint8 ``(H, W, 3)``, RGB; any size from 1 x 1.
        mask: bool ``(H, W)``, True = missing.
        network: HiFill's generator.

    Returns:
        A new uint8 ``(H, W, 3)`` array that differs from ``image`` under the mask only. With no valid cell
        to copy from, the hole holds the network's enlarged result.
    """
    output = image.copy()
    if not mask.any():
        return output
    grid = Grid(*mask.shape)
    reduced = reduce(image, mask, grid)
    prediction = network(reduced.image, reduced.mask)
    queries, keys = np.flatnonzero(reduced.hole_cells), np.flatnonzero(prediction.valid)
    with torch.inference_mode():
        index = [torch.from_numpy(cells).to(network.device) for cells in (queries, keys)]
        attention = prediction.attention[index[0]][:, index[1]]
        aggregate(output, mask, reduced.image, prediction.filled, attention, queries, keys)
    return output
