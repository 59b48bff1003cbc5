"""Points in the hole that depend on nothing but the image's key and its mask."""

import hashlib

import numpy as np
import numpy.typing as npt


def hole_points(mask: npt.NDArray[np.bool_], count: int, *, key: str) -> npt.NDArray[np.int64]:
    """Draw missing pixels, each as likely as any other, with repetition.

    Args:
        mask: bool ``(H, W)``, ``True`` = missing.
        count: number of points.
        key: any string; the same key and mask give the same points on every machine.

    Returns:
        int64 ``(count, 2)`` of rows and columns, or ``(0, 2)`` where nothing is missing.
    """
    before = np.concatenate([[0], np.count_nonzero(mask, axis=1).cumsum()])
    if before[-1] == 0:
        return np.empty((0, 2), np.int64)
    seed = int.from_bytes(hashlib.sha256(key.encode()).digest()[:16], "big")
    ranks = np.random.Generator(np.random.Philox(seed)).integers(0, before[-1], size=count)
    rows = np.searchsorted(before, ranks, side="right") - 1
    columns = [np.flatnonzero(mask[row])[rank - before[row]] for row, rank in zip(rows, ranks, strict=True)]
    return np.stack([rows, np.array(columns, dtype=np.int64)], axis=1)
