"""Another method's idea of the hole, which decides its low band while patches decide the rest.

After every vote the fill's low band gives way to the prior's, near the known region most. So the next match
looks for sources of those colours, and what is copied in the end is their detail over it. Patches are still
compared whole: a smooth prior does not select smooth sources.

Source:
    RETHINED's Attention Upscaling (low band of the coarse result, detail of the sources), within the rounds
    of Wexler et al., Space-Time Completion of Video, 2007.
"""

import math
from typing import NamedTuple

import cv2
import numba
import numpy as np

from _df8k.kernels import kernel

from .enlargement import Shifts
from .field import Field, started_field
from .pyramid import Colours, Indices, Level, Plane, gathered

# A cut below this, in pixels of a level, would hold the fill to the prior pixel by pixel.
_LEAST_CUT_PX = 1.0
# A cut is blurred at a size where it has about this many pixels.
_REDUCED_CUT_PX = 2.0
# Cells from the known region after which the fill is trusted half, and so on. Deep in a hole it is blurred,
# and what is blurred selects blurred sources.
_TRUSTED_CELLS = 48
# At the end the fill meets the known pixels already: what is given within so many cells of them fades.
_FADE_CELLS = 16.0


class _Window(NamedTuple):
    """Where a low band changes, its cut, and what share of a difference gives way at each missing pixel.

    The planes are what is worked in, made once: fresh memory takes longer than what is done there.
    """

    area: tuple[slice, slice]
    cut_px: float
    share: Plane
    difference: Plane  # float32 (h, w, 3); known pixels differ by nothing
    low: Plane


class Prior:
    """Low band and first sources of a hole.

    Args:
        fill: float32 ``(h, w, 3)`` in grey levels, in cells of the picture; read in the hole alone.
        shifts: first source of each missing cell, in cells; 0 is none.
        cut_px: standard deviation of the frequency cut in cells.
        cell: side of a cell.
        pixel: side of the finest level's pixels in the same unit, at most that of a cell.
    """

    def __init__(self, fill: Plane, shifts: Shifts, *, cut_px: float, cell: int = 1, pixel: int = 1) -> None:
        self._fill, self._shifts, self._cut_px, self._cell, self._pixel = fill, shifts, cut_px, cell, pixel
        self._fills: dict[int, Plane] = {}
        self._windows: dict[int, _Window] = {}

    def start(self, level: Level, depth: int, seed: int) -> Field:
        """Make the first field from the shifts, at random where there is none."""
        return started_field(self._shifts, level, seed, cell=self._cell, pixel=self._pixel << depth)

    def pull(self, level: Level, depth: int) -> None:
        """Give the level's hole the prior's low band, in place.

        Args:
            level: its colours are changed.
            depth: of the level, 0 the finest.
        """
        window = self._window(level, depth)
        self._give(level, depth, window, window.share)

    def settle(self, level: Level) -> None:
        """Give the finest level's hole the prior's low band once more, but for what meets the known region.

        Args:
            level: its colours are changed.
        """
        window = self._window(level, 0)
        beyond = gathered(level.depths_px, level.missing, 0, 0) - np.float32(0.5)
        fade = np.minimum(beyond * np.float32(self._cells(0) / _FADE_CELLS), np.float32(1))
        self._give(level, 0, window, window.share * fade)

    def _give(self, level: Level, depth: int, window: _Window, share: Plane) -> None:
        top, left = (side.start for side in window.area)
        fill = self._resized(level.hole.shape, depth)
        _subtract(fill, level.colours, level.missing, window.difference, top, left)
        low = _low_band(window.difference, window.cut_px, window.low)
        _move(level.colours, level.missing, low, share, top, left)

    def _window(self, level: Level, depth: int) -> _Window:
        if depth not in self._windows:
            self._windows[depth] = self._new_window(level, depth)
        return self._windows[depth]

    def _new_window(self, level: Level, depth: int) -> _Window:
        hole, missing = level.hole, level.missing
        cut_px = max(self._cut_px / self._cells(depth), _LEAST_CUT_PX)
        reach = math.ceil(3 * cut_px)
        (height, width), columns = hole.shape, missing[:, 1]
        top, left = max(int(missing[0, 0]) - reach, 0), max(int(columns.min()) - reach, 0)
        bottom, right = int(missing[-1, 0]) + 1 + reach, int(columns.max()) + 1 + reach
        area = slice(top, min(bottom, height)), slice(left, min(right, width))
        # Known pixels differ by nothing: beside them what little is missing would hardly be changed.
        weight = gathered(_low_band(hole[area].astype(np.float32), cut_px), missing, -top, -left)
        depths_px = gathered(level.depths_px, missing, 0, 0)
        trust = np.exp2(depths_px * np.float32(self._cells(depth) / -_TRUSTED_CELLS))
        share = trust / np.maximum(weight, np.float32(0.25))
        shape = (*hole[area].shape, 3)
        return _Window(area, cut_px, share, np.zeros(shape, np.float32), np.empty(shape, np.float32))

    def _cells(self, depth: int) -> float:
        """Give the side of a level's pixels in cells."""
        return (self._pixel << depth) / self._cell

    def _resized(self, shape: tuple[int, ...], depth: int) -> Plane:
        """Give the fill at a level's size."""
        if depth not in self._fills:
            rows, columns = shape
            side = self._cells(depth)
            if side == 1:
                fill = self._fill
            elif side < 2:  # else the level above has pixels of at least a cell
                move = np.array([[side, 0, side / 2 - 0.5], [0, side, side / 2 - 0.5]])
                flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
                fill = cv2.warpAffine(
                    self._fill, move, (columns, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE
                )
            else:
                fine = self._resized((2 * rows, 2 * columns), depth - 1)
                below, beside = 2 * rows - fine.shape[0], 2 * columns - fine.shape[1]
                padded = cv2.copyMakeBorder(fine, 0, below, 0, beside, cv2.BORDER_REPLICATE)
                fill = cv2.resize(padded, (columns, rows), interpolation=cv2.INTER_AREA)
            self._fills[depth] = np.asarray(fill, np.float32)
        return self._fills[depth]


@kernel
def _subtract(
    fill: Plane, colours: Colours, missing: Indices, difference: Plane, top: int, left: int
) -> None:
    """Say how far missing pixels are from the fill, in an area that begins at ``top`` and ``left``."""
    for n in numba.prange(missing.shape[0]):
        y, x = missing[n, 0], missing[n, 1]
        for c in range(3):
            difference[y - top, x - left, c] = fill[y, x, c] - np.float32(colours[y, x, c])


@kernel
def _move(colours: Colours, missing: Indices, low: Plane, share: Plane, top: int, left: int) -> None:
    """Add a share of the low band, of such an area, to missing pixels, in place."""
    for n in numba.prange(missing.shape[0]):
        y, x = missing[n, 0], missing[n, 1]
        for c in range(3):
            value = np.rint(np.float32(colours[y, x, c]) + low[y - top, x - left, c] * share[n])
            colours[y, x, c] = np.uint8(min(max(value, np.float32(0)), np.float32(255)))


def _low_band(plane: Plane, cut_px: float, low: Plane | None = None) -> Plane:
    """Blur, at a reduced size where the cut is wide: it leaves nothing that would need more pixels."""
    factor = max(1, int(cut_px / _REDUCED_CUT_PX))
    if factor == 1:
        return np.asarray(cv2.GaussianBlur(plane, (0, 0), cut_px, low, borderType=cv2.BORDER_REFLECT))
    height, width = plane.shape[:2]
    size = -(-width // factor), -(-height // factor)
    small = cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), cut_px / factor, borderType=cv2.BORDER_REFLECT)
    return np.asarray(cv2.resize(blurred, (width, height), low, interpolation=cv2.INTER_LINEAR))
