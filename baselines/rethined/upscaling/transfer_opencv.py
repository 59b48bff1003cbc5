"""Attention Upscaling with OpenCV and numpy, one token after the other: short, slow, to compare with."""

import cv2
import numpy as np

from baselines.base import Image, Mask
from baselines.rethined.network.attention import PATCH
from baselines.rethined.tokens import Pixels

from .plan import Taps, TransferPlan, ramps


def _window(plan: TransferPlan, row: int, column: int, shift: tuple[int, int], detail: np.float32) -> Pixels:
    """Cut what a source's detail is laid on, less what is taken; one working pixel wider than a token."""
    y = PATCH * row + np.arange(-1, PATCH + 1)
    x = PATCH * column + np.arange(-1, PATCH + 1)

    def at(band: Pixels, rows: Taps, columns: Taps) -> Pixels:
        picked: Pixels = band[np.clip(rows, 0, len(band) - 1)][:, np.clip(columns, 0, band.shape[1] - 1)]
        return picked

    rest, source = at(plan.coarse, y, x), at(plan.low, y + PATCH * shift[0], x + PATCH * shift[1])
    return rest - detail * (rest - at(plan.low, y, x) + source)


def transfer_opencv(image: Image, mask: Mask, plan: TransferPlan) -> None:
    """Write the hole of ``image`` in place; see `transfer_numba.transfer_numba`."""
    rows, columns = plan.sources.shape
    side, reach, scale = PATCH * plan.scale, plan.reach_px, plan.scale
    weights = ramps(scale, reach)
    spans = (slice(0, reach), slice(0, side), slice(side - reach, side))
    for token in plan.hole:
        row, column = divmod(int(token), columns)
        area = (slice(row * side, (row + 1) * side), slice(column * side, (column + 1) * side))
        missing = mask[area]
        total, weight = np.zeros((side, side, 3), np.float32), np.zeros((side, side, 1), np.float32)
        for j, i in np.ndindex(3, 3):
            r, c = row + j - 1, column + i - 1
            if not (0 <= r < rows and 0 <= c < columns) or plan.sources[r, c] < 0:
                continue
            if (j != 1 or i != 1) and not reach:
                continue
            source_row, source_column = divmod(int(plan.sources[r, c]), columns)
            shift = (source_row - r, source_column - c)
            detail = plan.detail[r, c]
            difference = _window(plan, row, column, shift, detail)
            large = cv2.resize(difference, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
            large = large[scale : scale + side, scale : scale + side][spans[j], spans[i]]
            y = (row + shift[0]) * side + spans[j].start
            x = (column + shift[1]) * side + spans[i].start
            pixels = image[y : y + large.shape[0], x : x + large.shape[1]]
            w = weights[j, spans[j], None, None] * weights[i, None, spans[i], None]
            # At the image's lower and right border a window may end early; nothing there is missing.
            tall, wide = pixels.shape[:2]
            value = detail * pixels + large[:tall, :wide]
            total[spans[j], spans[i]][:tall, :wide] += w[:tall, :wide] * value
            weight[spans[j], spans[i]][:tall, :wide] += w[:tall, :wide]
        tall, wide = missing.shape
        value = np.clip(total[:tall, :wide] / np.maximum(weight[:tall, :wide], 1e-6) + 0.5, 0, 255)
        np.copyto(image[area], value.astype(np.uint8), where=missing[..., None])
