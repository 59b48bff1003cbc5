"""Both images of a pair, as strips for a streamed network."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from df8k.metrics.errors import UnavailableError
from df8k.metrics.pair import Pair, threads
from df8k.metrics.regions import Undefined

from .backbones import Backbone
from .streamed import sizes, stream

_LEAST_ROWS, _MOST_ROWS = 16, 256
_BUDGET_FRACTION = 0.4  # of the budget: the rest is for torch's own workspaces


def too_small(pair: Pair, backbone: Backbone) -> Undefined | None:
    """Say why the network has no feature for an image of this size; ``None`` where it has."""
    height, width = pair.mask.shape
    if min(*sizes(backbone.stages, height), *sizes(backbone.stages, width)) > 0:
        return None
    return Undefined(f"a picture of {width} x {height} is smaller than the network's windows")


def strip_rows(pair: Pair, backbone: Backbone) -> int:
    """Count the rows that are fed at a time under the pair's memory budget.

    Raises:
        UnavailableError: the budget does not hold the fewest rows that a network is fed.
    """
    row_bytes = 2 * 4 * backbone.floats_per_pixel * pair.mask.shape[1]
    least = _LEAST_ROWS * row_bytes / _BUDGET_FRACTION
    if pair.memory < least:
        raise UnavailableError(
            f"{least / 2**20:.0f} MiB are needed at a width of {pair.mask.shape[1]}, the budget is "
            f"{pair.memory / 2**20:.0f} MiB: raise --memory"
        )
    return int(min(_BUDGET_FRACTION * pair.memory / row_bytes, _MOST_ROWS))


def feature_rows(
    pair: Pair, backbone: Backbone, shift: Tensor, scale: Tensor
) -> Iterator[tuple[int, Tensor]]:
    """Compute the features of prediction and target, from top to bottom.

    Args:
        pair: the images.
        backbone: the network.
        shift: subtracted from images in [0, 1], float32 ``(3, 1, 1)``.
        scale: then divided by, float32 ``(3, 1, 1)``.

    Yields:
        Position in ``backbone.taps`` and float32 ``(2, C, rows, W)``: the prediction's and the target's.
    """
    height, step = pair.mask.shape[0], strip_rows(pair, backbone)
    shift, scale = shift.to(pair.device), scale.to(pair.device)

    def strips() -> Iterator[Tensor]:
        for first in range(0, height, step):
            both = np.stack([pair.prediction[first : first + step], pair.target[first : first + step]])
            rows = torch.from_numpy(both).to(pair.device).permute(0, 3, 1, 2).float()
            yield rows.div_(255.0).sub_(shift).div_(scale)

    before = torch.get_num_threads()
    torch.set_num_threads(threads())
    try:
        with torch.inference_mode():
            for index, rows in stream(backbone.stages, strips()):
                if index in backbone.taps:
                    yield backbone.taps.index(index), rows
    finally:
        torch.set_num_threads(before)
