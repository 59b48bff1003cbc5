"""Index of local features: which of many images share some with a new one, without comparing all of them."""

from typing import Final

import numpy as np
import numpy.typing as npt

from .features import Codes

_TABLES: Final = 8
_BITS: Final = 22  # of a word; two corners that are the same agree on all of them in some table
_COMMON: Final = 0.01  # fraction of the images in which a word says nothing
_FEW: Final = 200  # images, below which every word counts
_SHIFT: Final = np.uint64(32)
_OWNER: Final = np.uint64(0xFFFFFFFF)

_Entries = npt.NDArray[np.uint64]  # word in the upper half, image in the lower


class Neighbours:
    """Inverted index in sorted runs that double in length: adding one image costs little, at any size."""

    def __init__(self) -> None:
        self._runs: list[_Entries] = []
        self._count = 0

    @property
    def bytes(self) -> int:
        """Memory of the entries."""
        return sum(run.nbytes for run in self._runs)

    def add(self, codes: Codes) -> None:
        """Add an image, which is numbered in turn."""
        run = (_words(codes) << _SHIFT) | np.uint64(self._count)
        self._count += 1
        while self._runs and len(self._runs[-1]) <= 2 * len(run):
            # Two sorted runs one after the other: a merge, not a sort.
            run = np.sort(np.concatenate([self._runs.pop(), run]), kind="stable")
        if len(run):
            self._runs.append(run)

    def nearest(self, codes: Codes, count: int) -> list[tuple[float, int]]:
        """List the images that share the most and the rarest words, the nearest first.

        Args:
            codes: of a new image.
            count: at most.

        Returns:
            scores and numbers of the images.
        """
        if not self._runs:
            return []
        words = _words(codes)
        spans = [
            (np.searchsorted(run, words << _SHIFT), np.searchsorted(run, (words << _SHIFT) | _OWNER, "right"))
            for run in self._runs
        ]
        frequency = np.sum([last - first for first, last in spans], axis=0, dtype=np.float64)
        weight = np.log(np.maximum(self._count, 2) / np.maximum(frequency, 1)) ** 2 + 1e-3
        weight[frequency > max(_FEW, _COMMON * self._count)] = 0
        sums = []
        for run, (first, last) in zip(self._runs, spans, strict=True):
            length = np.where(weight > 0, last - first, 0)
            begins = np.repeat(first - np.concatenate([[0], np.cumsum(length)[:-1]]), length)
            owners, inverse = np.unique(run[begins + np.arange(len(begins))] & _OWNER, return_inverse=True)
            sums.append((owners, np.bincount(inverse, np.repeat(weight, length), minlength=len(owners))))
        # Of the images that share a word, not of all: there may be a million.
        images = np.unique(np.concatenate([owners for owners, _ in sums]))
        scores = np.zeros(len(images))
        for owners, sum_ in sums:
            scores[np.searchsorted(images, owners)] += sum_
        best = np.argsort(-scores, kind="stable")[:count]
        return [(float(scores[index]), int(images[index])) for index in best if scores[index] > 0]


def _words(codes: Codes) -> npt.NDArray[np.uint64]:
    """Draw a word of 22 bits, spread over the description, for each corner and table; each word once."""
    bits = np.unpackbits(codes.view(np.uint8), axis=1, bitorder="little").astype(np.uint64)
    powers = np.left_shift(np.uint64(1), np.arange(_BITS, dtype=np.uint64))
    stride = bits.shape[1] // _BITS
    words = [
        bits[:, (7 * table + stride * np.arange(_BITS)) % bits.shape[1]] @ powers
        | (np.uint64(table) << np.uint64(_BITS))
        for table in range(_TABLES)
    ]
    return np.unique(np.concatenate(words))
