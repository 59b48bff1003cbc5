"""Channels of a picture as planes of grey levels, and back into its hole.

A plane is a window of the picture whose first pixel is at ``top`` and ``left``.
"""

import numba
import numpy as np

from _df8k.kernels import kernel
from df8k.baselines.base import Image, Mask

from .grids import Plane, Runs


def cut_out(mask: Mask) -> tuple[Mask, int, int]:
    """Cut a hole out with the pixels beside it: those farther away carry no data of the equation.

    Args:
        mask: bool ``(H, W)`` with a missing pixel.

    Returns:
        bool ``(h, w)``, contiguous, and the row and the column of its first pixel.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, left = max(int(rows[0]) - 1, 0), max(int(columns[0]) - 1, 0)
    return np.ascontiguousarray(mask[top : rows[-1] + 2, left : columns[-1] + 2]), top, left


@kernel
def read_channel(plane: Plane, image: Image, channel: int, top: int, left: int) -> None:
    """Take a channel of a picture.

    Args:
        plane: float32 ``(h, w)``, written.
        image: uint8 ``(H, W, 3)``.
        channel: 0 to 2.
        top: row of the plane's first pixel.
        left: column of it.
    """
    height, width = plane.shape
    for y in numba.prange(height):
        line = image[top + y]
        for x in range(width):
            plane[y, x] = np.float32(line[left + x, channel])


@kernel
def write_rounded(output: Image, plane: Plane, runs: Runs, channel: int, top: int, left: int) -> None:
    """Round a channel of the hole to grey levels, in place; see `read_channel`."""
    for r in numba.prange(runs.shape[0]):
        y = runs[r, 0]
        line = output[top + y]
        for x in range(runs[r, 1], runs[r, 2]):
            value = min(max(plane[y, x] + np.float32(0.5), np.float32(0)), np.float32(255))
            line[left + x, channel] = np.uint8(value)


@kernel
def read_change(
    plane: Plane, image: Image, filled: Image, hole: Mask, channel: int, top: int, left: int
) -> None:
    """Take how far a picture is from a fill outside of the hole, and 0 in it; see `read_channel`."""
    height, width = plane.shape
    for y in numba.prange(height):
        known, there = image[top + y], filled[top + y]
        for x in range(width):
            change = np.float32(known[left + x, channel]) - np.float32(there[left + x, channel])
            plane[y, x] = np.float32(0) if hole[y, x] else change


@kernel
def add_change(
    filled: Image, image: Image, plane: Plane, hole: Mask, channel: int, top: int, left: int
) -> None:
    """Add a change to a fill in the hole, and take the picture outside of it; see `read_channel`."""
    height, width = plane.shape
    for y in numba.prange(height):
        known, there = image[top + y], filled[top + y]
        for x in range(width):
            if hole[y, x]:
                value = plane[y, x] + np.float32(there[left + x, channel])
                value = np.rint(min(max(value, np.float32(0)), np.float32(255)))
                there[left + x, channel] = np.uint8(value)
            else:
                there[left + x, channel] = known[left + x, channel]
