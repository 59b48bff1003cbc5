"""Run lists: a mask as sorted, disjoint, non-adjacent intervals of its row-major pixels."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]

_SHIFT: Final = 31  # two flat indices below 2**31 share one sortable 64-bit word
_SLICES_BELOW: Final = 20_000  # from about here np.repeat is faster than one slice assignment a run


@dataclass(frozen=True, eq=False)
class Runs:
    """Holes of a ``height`` x ``width`` raster as half-open intervals of flat indices.

    Attributes:
        width: pixels a row.
        height: rows.
        starts: int64, first pixel of each run, ascending.
        ends: int64, one past the last pixel of each run; each is smaller than the next start.
    """

    width: int
    height: int
    starts: Int64
    ends: Int64

    @property
    def area(self) -> int:
        """Count the missing pixels."""
        return int((self.ends - self.starts).sum())

    @property
    def sha256(self) -> str:
        """Hash width, height and the runs as little-endian unsigned 32-bit words."""
        words = np.empty(2 * len(self.starts) + 2, "<u4")
        words[:2] = self.width, self.height
        words[2::2] = self.starts
        words[3::2] = self.ends
        return sha256(words.tobytes()).hexdigest()

    def raster(self) -> npt.NDArray[np.bool_]:
        """Draw the mask: bool ``(height, width)``, True = missing."""
        pixels = self.width * self.height
        if len(self.starts) < _SLICES_BELOW:
            flat = np.zeros(pixels, np.bool_)
            for start, end in zip(self.starts.tolist(), self.ends.tolist(), strict=True):
                flat[start:end] = True
        else:
            edges = np.empty(2 * len(self.starts) + 2, np.int64)
            edges[0], edges[-1] = 0, pixels
            edges[1:-1:2], edges[2:-1:2] = self.starts, self.ends
            values = np.zeros(len(edges) - 1, np.bool_)
            values[1::2] = True
            flat = np.repeat(values, np.diff(edges))
        return flat.reshape(self.height, self.width)


def merged(width: int, height: int, starts: Int64, ends: Int64) -> Runs:
    """Unite intervals given in any order; empty and overlapping ones are welcome.

    Args:
        width: pixels a row.
        height: rows.
        starts: int64 flat indices.
        ends: int64 flat indices, exclusive.
    """
    return Runs(width, height, *_unite(np.sort(packed(starts, ends))))


def packed(starts: Int64, ends: Int64) -> Int64:
    """Pack both ends of each non-empty interval into one word that sorts by start."""
    filled = ends > starts
    return (starts[filled] << _SHIFT) | ends[filled]


def united_area(words: Int64) -> int:
    """Count the pixels in the union of intervals that are already packed and sorted."""
    starts, ends = _unite(words)
    return int((ends - starts).sum())


def _unite(words: Int64) -> tuple[Int64, Int64]:
    if len(words) == 0:
        return words, words
    starts = words >> _SHIFT
    reach = np.maximum.accumulate(words & ((1 << _SHIFT) - 1))
    opens = np.empty(len(words), np.bool_)
    opens[0] = True
    np.greater(starts[1:], reach[:-1], out=opens[1:])
    first = np.flatnonzero(opens)
    last = np.append(first[1:] - 1, len(words) - 1)
    return starts[first], reach[last]


def runs_of(mask: npt.NDArray[np.bool_]) -> Runs:
    """Make the run list of a bool ``(H, W)`` mask."""
    flat = np.concatenate(([False], mask.ravel(), [False]))
    edges = np.flatnonzero(flat[1:] != flat[:-1]).astype(np.int64)
    return Runs(mask.shape[1], mask.shape[0], edges[::2], edges[1::2])
