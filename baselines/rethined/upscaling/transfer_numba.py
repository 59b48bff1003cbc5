"""Attention Upscaling: real detail of known patches over the low band of the coarse result.

With one frequency cut, defined at the working resolution, the detail of a source is ``image - U(low)``. Added
to the low band of the target this is ``image[source] + U(low[target] - low[source])``, with U bilinear
enlargement and the image read as it is: no filter, no unfolding and no float image at full size. A patch that
is its own source returns itself bit for bit. Where only a fraction of the detail is copied, the rest is the
coarse result; enlargement is linear, so both go through the same window and cost nothing more. Every token
has its own fraction.

Windows of neighbouring tokens overlap and are blended with squared sines, which sum to one.
"""

import numba
import numpy as np
import numpy.typing as npt

from _df8k.kernels import inner_kernel, kernel
from baselines.base import Image, Mask
from baselines.rethined.network.attention import PATCH
from baselines.rethined.tokens import Pixels

from .plan import Taps, TransferPlan, Windows, windows_of

# The difference of low bands is needed one working pixel around a token: windows reach that far, and so does
# bilinear enlargement.
_WINDOW = PATCH + 2


def transfer_numba(image: Image, mask: Mask, plan: TransferPlan) -> None:
    """Write the hole of ``image`` in place; compiled, parallel over tokens.

    In place is safe: sources are known pixels, and only missing ones are written.

    Args:
        image: uint8 ``(H, W, 3)``, changed.
        mask: bool ``(H, W)``.
        plan: of the transfer.
    """
    _transfer(image, mask, plan, windows_of(plan))


@kernel
def _transfer(image: Image, mask: Mask, plan: TransferPlan, windows: Windows) -> None:
    scale, coarse, low, hole, sources, _, detail = plan
    first, second, weights, reach = windows
    rows, columns = sources.shape
    height, width = mask.shape
    side = PATCH * scale
    for n in numba.prange(hole.size):
        row, column = hole[n] // columns, hole[n] % columns
        top, left = row * side, column * side
        tall, wide = min(side, height - top), min(side, width - left)
        lines = np.empty((3, 3, _WINDOW, 3 * side), np.float32)
        shifts = np.zeros((3, 3, 2), np.int64)
        for j in range(3):
            for i in range(3):
                r, c = row + j - 1, column + i - 1
                if (j != 1 or i != 1) and reach == 0:
                    continue
                if r < 0 or c < 0 or r >= rows or c >= columns or sources[r, c] < 0:
                    continue
                shifts[j, i, 0] = sources[r, c] // columns - r
                shifts[j, i, 1] = sources[r, c] % columns - c
                _enlarge_across(
                    coarse, low, detail[r, c], row, column, shifts[j, i], first, second, lines[j, i]
                )
        total, weight = np.empty(3 * side, np.float32), np.empty(3 * side, np.float32)
        for v in range(tall):
            missing = mask[top + v, left : left + wide]
            if not missing.any():
                continue
            total[:], weight[:] = 0, 0
            for j in range(3):
                if weights[j, v] == 0:
                    continue
                for i in range(3):
                    r, c = row + j - 1, column + i - 1
                    if r < 0 or c < 0 or r >= rows or c >= columns or sources[r, c] < 0:
                        continue
                    begin = max(side - reach, 0) if i == 2 else 0
                    end = min(reach, wide) if i == 0 else wide
                    y = top + v + shifts[j, i, 0] * side
                    x = left + begin + shifts[j, i, 1] * side
                    if end > begin:
                        _add_line(
                            image[y, x : x + end - begin].reshape(-1),
                            lines[j, i, first[v], 3 * begin : 3 * end],
                            lines[j, i, first[v] + 1, 3 * begin : 3 * end],
                            second[v],
                            detail[r, c],
                            weights[j, v],
                            weights[i, begin:end],
                            total[3 * begin : 3 * end],
                            weight[3 * begin : 3 * end],
                        )
            _write_line(image[top + v, left : left + wide], missing, total, weight)


@inner_kernel
def _enlarge_across(
    coarse: Pixels,
    low: Pixels,
    detail: np.float32,
    row: int,
    column: int,
    shift: Taps,
    first: Taps,
    second: Pixels,
    lines: Pixels,
) -> None:
    """Enlarge along the rows what a source's detail is laid on around a token, less what is taken."""
    height, width = low.shape[:2]
    window = np.empty((_WINDOW, _WINDOW, 3), np.float32)
    for j in range(_WINDOW):
        y = row * PATCH + j - 1
        v, w = min(max(y, 0), height - 1), min(max(y + shift[0] * PATCH, 0), height - 1)
        for i in range(_WINDOW):
            x = column * PATCH + i - 1
            u, t = min(max(x, 0), width - 1), min(max(x + shift[1] * PATCH, 0), width - 1)
            for channel in range(3):
                rest = coarse[v, u, channel]
                window[j, i, channel] = rest - detail * (rest - low[v, u, channel] + low[w, t, channel])
    for j in range(_WINDOW):
        for u in range(first.size):
            a, s = first[u], second[u]
            for channel in range(3):
                p, q = window[j, a, channel], window[j, a + 1, channel]
                lines[j, 3 * u + channel] = p + s * (q - p)


@inner_kernel
def _add_line(
    source: npt.NDArray[np.uint8],
    above: Pixels,
    below: Pixels,
    t: np.float32,
    detail: np.float32,
    weight_y: np.float32,
    weight_x: Pixels,
    total: Pixels,
    weight: Pixels,
) -> None:
    spread = np.empty(source.size, np.float32)
    for x in range(weight_x.size):
        w = weight_y * weight_x[x]
        spread[3 * x] = spread[3 * x + 1] = spread[3 * x + 2] = w
    for k in range(source.size):
        total[k] += spread[k] * (detail * np.float32(source[k]) + above[k] + t * (below[k] - above[k]))
        weight[k] += spread[k]


@inner_kernel
def _write_line(target: Image, missing: Mask, total: Pixels, weight: Pixels) -> None:
    for x in range(missing.size):
        if missing[x]:
            for channel in range(3):
                value = total[3 * x + channel] / weight[3 * x + channel] + np.float32(0.5)
                target[x, channel] = np.uint8(min(max(value, np.float32(0)), np.float32(255)))
