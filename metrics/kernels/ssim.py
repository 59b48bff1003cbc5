"""Inner loops of SSIM. Double precision throughout: windows of flat sky cancel badly in single.

With s = x + y and d = x - y, four filtered maps carry all that the five of the textbook do:
4 mu_x mu_y = mu_s² - mu_d², 2 (mu_x² + mu_y²) = mu_s² + mu_d², and likewise for the (co)variances.
"""

from typing import Any

import numpy as np

from _df8k.kernels import inner_kernel, serial_kernel
from df8k.metrics.pairwise.ssim import RADIUS

_SIGMA = 1.5
_TAPS = 2 * RADIUS + 1
_WEIGHTS = np.exp(-0.5 * (np.arange(-RADIUS, RADIUS + 1) / _SIGMA) ** 2)
_WEIGHTS /= _WEIGHTS.sum()
_W0, _W1, _W2, _W3, _W4, _W5 = (float(w) for w in _WEIGHTS[: RADIUS + 1])
_TILE = 384  # samples of a row: 128 pixels, so that a tile's intermediate rows stay in the second cache
_HALO = 3 * 2 * RADIUS
_C1, _C2 = 0.01**2, 0.03**2


@serial_kernel
def _equal(x: Any, y: Any) -> bool:
    for row in range(x.shape[0]):
        a, b = x[row], y[row]
        different = 0
        for i in range(a.shape[0]):
            different |= a[i] ^ b[i]
        if different != 0:
            return False
    return True


@inner_kernel
def _filter_row(source: Any, out: Any, length: int) -> None:
    """Filter one row of interleaved RGB: neighbours of a channel lie three samples apart."""
    for i in range(length):
        out[i] = (
            _W5 * source[i + 15]
            + _W4 * (source[i + 12] + source[i + 18])
            + _W3 * (source[i + 9] + source[i + 21])
            + _W2 * (source[i + 6] + source[i + 24])
            + _W1 * (source[i + 3] + source[i + 27])
            + _W0 * (source[i] + source[i + 30])
        )


@inner_kernel
def _filter_column(rows: Any, top: int, out: Any, length: int) -> None:
    """Filter down eleven rows; in three steps, so that few enough arrays meet for the loops to vectorise."""
    a, b, c, d = rows[top], rows[top + 10], rows[top + 1], rows[top + 9]
    for i in range(length):
        out[i] = _W0 * (a[i] + b[i]) + _W1 * (c[i] + d[i])
    a, b, c, d = rows[top + 2], rows[top + 8], rows[top + 3], rows[top + 7]
    for i in range(length):
        out[i] += _W2 * (a[i] + b[i]) + _W3 * (c[i] + d[i])
    a, b, c = rows[top + 4], rows[top + 6], rows[top + 5]
    for i in range(length):
        out[i] += _W4 * (a[i] + b[i]) + _W5 * c[i]


@inner_kernel
def _compare(means: Any, c1: float, c2: float, whole: Any, contrast: Any, length: int) -> None:
    """Turn the filtered s, d, s² and d² into the two maps."""
    s, d, ss, dd = means[0], means[1], means[2], means[3]
    for i in range(length):
        s2, d2 = s[i] * s[i], d[i] * d[i]
        var_s, var_d = ss[i] - s2, dd[i] - d2
        cs = (0.5 * (var_s - var_d) + c2) / (0.5 * (var_s + var_d) + c2)
        contrast[i] = cs
        whole[i] = cs * (0.5 * (s2 - d2) + c1) / (0.5 * (s2 + d2) + c1)


@serial_kernel
def add_similarity(x: Any, y: Any, labels: Any, peak: float, sums: Any) -> None:
    """Add the SSIM and contrast-structure maps of one strip up per label.

    Args:
        x: unsigned integers ``(rows + 10, 3 W)``, interleaved RGB.
        y: same dtype and shape.
        labels: uint8 ``(rows, W - 10)``, of the windows' centres.
        peak: the value of white.
        sums: float64 ``(3, LABELS)``, added to: SSIM, contrast-structure, samples.
    """
    rows, columns = labels.shape
    c1, c2 = _C1 * peak * peak, _C2 * peak * peak
    raw = np.empty((4, _TILE + _HALO))
    filtered = np.empty((4, rows + _TAPS - 1, _TILE))
    means = np.empty((4, _TILE))
    whole, contrast = np.empty(_TILE), np.empty(_TILE)
    for left in range(0, 3 * columns, _TILE):
        length = min(_TILE, 3 * columns - left)
        span = length + _HALO
        tile_x, tile_y = x[:, left : left + span], y[:, left : left + span]
        first = left // 3
        # Both maps are exactly 1 where nothing differs: the known region of a composited image is free.
        if _equal(tile_x, tile_y):
            for row in range(rows):
                for column in range(length // 3):
                    which = labels[row, first + column]
                    sums[0, which] += 3.0
                    sums[1, which] += 3.0
                    sums[2, which] += 3.0
            continue
        for row in range(rows + _TAPS - 1):
            row_x, row_y = tile_x[row], tile_y[row]
            r0, r1, r2, r3 = raw[0], raw[1], raw[2], raw[3]
            for i in range(span):
                a, b = float(row_x[i]), float(row_y[i])
                r0[i] = a + b
                r1[i] = a - b
            for i in range(span):
                r2[i] = r0[i] * r0[i]
                r3[i] = r1[i] * r1[i]
            for q in range(4):
                _filter_row(raw[q], filtered[q, row], length)
        for row in range(rows):
            for q in range(4):
                _filter_column(filtered[q], row, means[q], length)
            _compare(means, c1, c2, whole, contrast, length)
            for column in range(length // 3):
                which = labels[row, first + column]
                i = 3 * column
                sums[0, which] += whole[i] + whole[i + 1] + whole[i + 2]
                sums[1, which] += contrast[i] + contrast[i + 1] + contrast[i + 2]
                sums[2, which] += 3.0
