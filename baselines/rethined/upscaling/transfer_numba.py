"""Attention Upscaling: real detail of known patches over the low band of the coarse result.

With one frequency cut, defined at the working resolution, the detail of a source is ``image - U(low)``. Added
to the low band of the target this is ``image[source] + U(low[target] - low[source])``, with U bilinear
enlargement and the image read as it is: no filter, no unfolding and no float image at full size. A patch that
is its own source returns itself bit for bit. Where only a share of the detail is wanted, the rest is the
coarse result; enlargement is linear, so both go through the same window and cost nothing more. Every token
has its own share.

Windows of neighbouring tokens overlap and are blended with squared sines, which sum to one.
"""

import math
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from _df8k.kernels import inner_kernel, kernel
from baselines.base import Image, Mask
from baselines.rethined.network.attention import PATCH
from baselines.rethined.tokens import Pixels, Tokens

OVERLAP = 0.25
# The difference of low bands is needed one working pixel around a token: windows reach that far, and so does
# bilinear enlargement.
_WINDOW = PATCH + 2

_Grid = npt.NDArray[np.int64]
_Taps = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Plan:
    """Everything the transfer needs beside the image.

    Attributes:
        scale: image pixels per working pixel.
        coarse: float32 ``(h, w, 3)`` in grey levels, the result where no detail is copied.
        low: float32 ``(h, w, 3)`` in grey levels, its low band.
        hole: int64 ``(n,)``, tokens to write.
        sources: int64 ``(rows, columns)``, source token of each hole token, -1 elsewhere.
        overlap: share of a token that windows of neighbours have in common, 0 to 0.25.
        detail: float32 ``(rows, columns)``, share of the detail that a hole token copies.
    """

    scale: int
    coarse: Pixels
    low: Pixels
    hole: Tokens
    sources: _Grid
    overlap: float
    detail: Pixels

    @property
    def reach_px(self) -> int:
        """Image pixels by which a window exceeds its token on each side."""
        return round(self.overlap / 2 * PATCH * self.scale)


def plan(
    scale: int,
    low: Pixels,
    hole: Tokens,
    best: Tokens,
    tokens: tuple[int, int],
    overlap: float = OVERLAP,
    *,
    detail: float | Pixels = 1.0,
    coarse: Pixels | None = None,
) -> Plan:
    """Arrange hole tokens and their sources on the token grid.

    Args:
        scale: image pixels per working pixel.
        low: float32 ``(h, w, 3)`` in [0, 1], the low band.
        hole: int64 ``(n,)``, tokens to write.
        best: int64 ``(n,)``, the source of each.
        tokens: rows and columns of the grid.
        overlap: share of a token that windows of neighbours have in common, 0 to 0.25.
        detail: share of the copied detail, of all tokens or float32 ``(n,)``; needs ``coarse`` where not 1.
        coarse: float32 ``(h, w, 3)`` in [0, 1], the rest of the result.
    """
    sources, shares = np.full(tokens, -1, np.int64), np.zeros(tokens, np.float32)
    sources.reshape(-1)[hole], shares.reshape(-1)[hole] = best, detail
    band = np.ascontiguousarray(np.float32(255) * low, np.float32)
    rest = band if coarse is None else np.ascontiguousarray(np.float32(255) * coarse, np.float32)
    return Plan(scale, rest, band, hole, sources, overlap, shares)


def taps(scale: int) -> tuple[_Taps, Pixels]:
    """Bilinear enlargement of a token.

    Returns:
        For each of its pixels the first of two rows of the window, and the weight of the second.
    """
    centre = (np.arange(PATCH * scale) + 0.5) / scale + 0.5
    first = np.floor(centre).astype(np.int64)
    return first, (centre - first).astype(np.float32)


def ramps(scale: int, reach: int) -> Pixels:
    """Weights along one axis of a token: of the window before it, its own, and the one after it.

    Returns:
        float32 ``(3, 8 * scale)``; columns sum to one.
    """
    side = PATCH * scale
    weights = np.zeros((3, side), np.float32)
    own = np.ones(side)
    if reach:
        position = (np.arange(reach) + 0.5 + reach) / (2 * reach)
        own[:reach] = np.sin(math.pi / 2 * position) ** 2
        own[side - reach :] = own[:reach][::-1]
        weights[0, :reach] = 1 - own[:reach]
        weights[2, side - reach :] = 1 - own[side - reach :]
    weights[1] = own
    return weights


def transfer_numba(image: Image, mask: Mask, what: Plan) -> None:
    """Write the hole of ``image`` in place; compiled, parallel over tokens.

    In place is safe: sources are known pixels, and only missing ones are written.

    Args:
        image: uint8 ``(H, W, 3)``, changed.
        mask: bool ``(H, W)``.
        what: the plan.
    """
    first, second = taps(what.scale)
    weights = ramps(what.scale, what.reach_px)
    _transfer(
        image,
        mask,
        what.scale,
        what.coarse,
        what.low,
        what.detail,
        what.hole,
        what.sources,
        first,
        second,
        weights,
        what.reach_px,
    )


@kernel
def _transfer(
    image: Image,
    mask: Mask,
    scale: int,
    coarse: Pixels,
    low: Pixels,
    detail: Pixels,
    hole: Tokens,
    sources: _Grid,
    first: _Taps,
    second: Pixels,
    weights: Pixels,
    reach: int,
) -> None:
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
            wanted = mask[top + v, left : left + wide]
            if not wanted.any():
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
            _write_line(image[top + v, left : left + wide], wanted, total, weight)


@inner_kernel
def _enlarge_across(
    coarse: Pixels,
    low: Pixels,
    detail: np.float32,
    row: int,
    column: int,
    shift: _Taps,
    first: _Taps,
    second: Pixels,
    lines: Pixels,
) -> None:
    """What a source's detail is laid on around a token, less what is taken; enlarged along the rows."""
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
def _write_line(target: Image, wanted: Mask, total: Pixels, weight: Pixels) -> None:
    for x in range(wanted.size):
        if wanted[x]:
            for channel in range(3):
                value = total[3 * x + channel] / weight[3 * x + channel] + np.float32(0.5)
                target[x, channel] = np.uint8(min(max(value, np.float32(0)), np.float32(255)))


def windows(what: Plan, row: int, column: int, shift: tuple[int, int], detail: np.float32) -> Pixels:
    """What a source's detail is laid on, less what is taken; one working pixel wider than a token."""
    y = PATCH * row + np.arange(-1, PATCH + 1)
    x = PATCH * column + np.arange(-1, PATCH + 1)

    def at(band: Pixels, rows: _Taps, columns: _Taps) -> Pixels:
        picked: Pixels = band[np.clip(rows, 0, len(band) - 1)][:, np.clip(columns, 0, band.shape[1] - 1)]
        return picked

    rest, source = at(what.coarse, y, x), at(what.low, y + PATCH * shift[0], x + PATCH * shift[1])
    return rest - detail * (rest - at(what.low, y, x) + source)


def transfer_opencv(image: Image, mask: Mask, what: Plan) -> None:
    """The same as `transfer_numba` with OpenCV and numpy, one token after the other."""
    import cv2

    rows, columns = what.sources.shape
    side, reach, scale = PATCH * what.scale, what.reach_px, what.scale
    weights = ramps(scale, reach)
    spans = (slice(0, reach), slice(0, side), slice(side - reach, side))
    for token in what.hole:
        row, column = divmod(int(token), columns)
        area = (slice(row * side, (row + 1) * side), slice(column * side, (column + 1) * side))
        wanted = mask[area]
        total, weight = np.zeros((side, side, 3), np.float32), np.zeros((side, side, 1), np.float32)
        for j, i in np.ndindex(3, 3):
            r, c = row + j - 1, column + i - 1
            if not (0 <= r < rows and 0 <= c < columns) or what.sources[r, c] < 0:
                continue
            if (j != 1 or i != 1) and not reach:
                continue
            source_row, source_column = divmod(int(what.sources[r, c]), columns)
            shift = (source_row - r, source_column - c)
            detail = what.detail[r, c]
            difference = windows(what, row, column, shift, detail)
            large = cv2.resize(difference, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
            large = large[scale : scale + side, scale : scale + side][spans[j], spans[i]]
            y = (row + shift[0]) * side + spans[j].start
            x = (column + shift[1]) * side + spans[i].start
            pixels = image[y : y + large.shape[0], x : x + large.shape[1]]
            w = weights[j, spans[j], None, None] * weights[i, None, spans[i], None]
            # At the image's lower and right border a window may end early; nothing there is wanted.
            tall, wide = pixels.shape[:2]
            value = detail * pixels + large[:tall, :wide]
            total[spans[j], spans[i]][:tall, :wide] += w[:tall, :wide] * value
            weight[spans[j], spans[i]][:tall, :wide] += w[:tall, :wide]
        tall, wide = wanted.shape
        value = np.clip(total[:tall, :wide] / np.maximum(weight[:tall, :wide], 1e-6) + 0.5, 0, 255)
        np.copyto(image[area], value.astype(np.uint8), where=wanted[..., None])
