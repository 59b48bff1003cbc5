"""Small masks for networks that work on a coarse grid. No method should resize a mask in its own way."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from .errors import MaskError
from .files import checked_mask


def low_resolution(
    mask: npt.NDArray[np.bool_], width: int, height: int, *, rule: Literal["any", "nearest"]
) -> npt.NDArray[np.bool_]:
    """Shrink a mask to a coarse grid by a named rule.

    Args:
        mask: bool ``(H, W)``, True = missing.
        width: columns of the grid, at most ``W``.
        height: rows of the grid, at most ``H``.
        rule: ``any``: a cell is missing if any of its pixels is, so no known cell holds a missing pixel and
            the coverage grows; ``nearest``: the pixel at ``floor(i * W / width)`` decides, as in
            nearest-neighbour resizing (torch's ``mode="nearest"``), so the coverage stays and known cells
            hold missing pixels.

    Returns:
        bool ``(height, width)``.

    Raises:
        MaskError: not a mask, an unknown rule, or a grid that is finer than the mask.
    """
    mask = checked_mask(mask)
    if not (0 < width <= mask.shape[1] and 0 < height <= mask.shape[0]):
        raise MaskError(
            f"a mask of {mask.shape[1]} x {mask.shape[0]} cannot shrink to {width} x {height}: "
            "masks are never enlarged; draw the vector at that size"
        )
    rows = np.arange(height) * mask.shape[0] // height
    columns = np.arange(width) * mask.shape[1] // width
    if rule == "nearest":
        sampled: npt.NDArray[np.bool_] = mask[rows[:, None], columns]
        return sampled
    if rule != "any":
        raise MaskError(f"rule is {rule!r}: 'any' and 'nearest' are known")
    # A pixel that lies in two cells where the sizes do not divide counts in both.
    row_ends = -(-np.arange(1, height + 1) * mask.shape[0] // height)
    column_ends = -(-np.arange(1, width + 1) * mask.shape[1] // width)
    return _any_between(_any_between(mask, rows, row_ends).T, columns, column_ends).T


def _any_between(
    mask: npt.NDArray[np.bool_], starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Mark for each interval of rows the columns that have a missing pixel in it."""
    result: npt.NDArray[np.bool_] = np.logical_or.reduceat(mask, starts, axis=0)
    result |= mask[ends - 1]  # reduceat stops where the next interval begins
    return np.ascontiguousarray(result)
