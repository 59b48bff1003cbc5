"""Sources drawn at random, patch by patch: what texture looks like that nobody matched."""

import numpy as np

from df8k.baselines.base import Image, Mask

from .enlargement import Shifts
from .pyramid import PATCH, Colours, finest


def random_shifts(colours: Colours, hole: Mask, usable: Mask, *, seed: int) -> tuple[Image, Shifts] | None:
    """Draw a known source for each square of 8 x 8; arguments and result are those of `match_and_vote`."""
    level = finest(colours, hole, usable)
    if level is None:
        return None
    height, width = level.hole.shape
    rows, columns = -(-height // PATCH), -(-width // PATCH)
    draw = np.random.default_rng(seed).integers(0, len(level.sources), (rows, columns))
    y, x = level.missing.T
    # The last row and column of squares may reach over the edge: they begin earlier.
    top, left = np.minimum(y // PATCH * PATCH, height - PATCH), np.minimum(x // PATCH * PATCH, width - PATCH)
    source = level.sources[draw[y // PATCH, x // PATCH]]
    shifts = np.zeros((height, width, 2), np.int32)
    shifts[y, x, 0], shifts[y, x, 1] = source[:, 0] - top, source[:, 1] - left
    result = level.colours[..., :3].copy()
    result[y, x] = result[y + shifts[y, x, 0], x + shifts[y, x, 1]]
    return result, shifts
