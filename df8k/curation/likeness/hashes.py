"""64-bit hashes within a Hamming distance of another, exactly, without comparing with all of them.

Multi-index hashing (Norouzi, Punjani, Fleet; CVPR 2012) with the general pigeonhole principle (Qin et al.;
ICDE 2018): of two hashes that differ in at most d bits, at least one of four bands of 16 bits differs in at
most t bits, where the t of the bands add up to d - 3. Each band is a table of 65,536 buckets; a query looks
into those within t bits of its own.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

_BANDS: Final = 4
_BITS: Final = 16
_TAIL: Final = 4096  # hashes that are compared one by one: quicker than a table, and nothing to compile
_FARTHEST: Final = 20  # bits; beyond, so many buckets are near that comparing with all is quicker

Hashes = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Run:
    """Hashes of consecutive numbers, in four orders.

    Attributes:
        hashes: uint64 ``(4, N)``, each row sorted by one band.
        numbers: uint32 ``(4, N)``, whose they are, counted from the beginning of the run.
        begins: int64 ``(4, 65537)``, where each bucket begins.
    """

    hashes: Hashes
    numbers: npt.NDArray[np.uint32]
    begins: Numbers

    @classmethod
    def of(cls, hashes: Hashes) -> "_Run":
        orders, begins = [], []
        for band in range(_BANDS):
            values = (hashes >> np.uint64(_BITS * band)).astype(np.uint16)
            orders.append(np.argsort(values, kind="stable").astype(np.uint32))
            sizes = np.bincount(values, minlength=1 << _BITS)
            begins.append(np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64))
        numbers = np.stack(orders)
        return cls(hashes[numbers], numbers, np.stack(begins))


class NearHashes:
    """Growing index in runs that double in length: a new hash costs little, at any size."""

    def __init__(self, distance: int) -> None:
        """Set the largest Hamming distance; below zero nothing is near."""
        self._distance = distance
        self._hashes = np.empty(1024, np.uint64)
        self._count = 0
        self._runs: list[tuple[int, _Run]] = []
        self._indexed = 0

    def __len__(self) -> int:
        return self._count

    @property
    def bytes(self) -> int:
        """Memory of the hashes and the tables."""
        tables = sum(run.hashes.nbytes + run.numbers.nbytes + run.begins.nbytes for _, run in self._runs)
        return self._hashes.nbytes + tables

    def add(self, code: int) -> None:
        """Add a hash, which is numbered in turn."""
        if self._count == self._hashes.size:
            self._hashes = np.resize(self._hashes, 2 * self._count)
        self._hashes[self._count] = code
        self._count += 1
        if self._count - self._indexed == _TAIL and self._distance <= _FARTHEST:
            begin = self._indexed
            while self._runs and self._count - begin >= begin - self._runs[-1][0]:
                begin, _ = self._runs.pop()
            self._runs.append((begin, _Run.of(self._hashes[begin : self._count])))
            self._indexed = self._count

    def near(self, code: int) -> Numbers:
        """List the numbers of the hashes within the distance, in ascending order, int64 ``(N,)``."""
        if self._distance < 0:
            return np.empty(0, np.int64)
        tail = self._hashes[self._indexed : self._count]
        last = np.flatnonzero(np.bitwise_count(tail ^ np.uint64(code)) <= self._distance) + self._indexed
        if not self._runs:
            return last
        from .hash_kernels import search

        limits = thresholds(self._distance)
        flips = [_flips(limit) for limit in limits]
        begins = np.cumsum([0, *(len(flip) for flip in flips)])
        earlier = [
            begin
            + np.sort(
                search(
                    run.hashes,
                    run.numbers,
                    run.begins,
                    np.uint64(code),
                    self._distance,
                    np.array(limits, np.int64),
                    np.concatenate(flips),
                    begins,
                )
            )
            for begin, run in self._runs
        ]
        return np.concatenate([*earlier, last])


def thresholds(distance: int) -> tuple[int, ...]:
    """Give for each band the bits in which it may differ; below zero the band is not looked at."""
    total = distance - _BANDS + 1
    return tuple(total // _BANDS + (band < total % _BANDS) for band in range(_BANDS))


@cache
def _flips(limit: int) -> npt.NDArray[np.uint16]:
    """List the differences of a band of at most ``limit`` bits, the fewest first."""
    values = np.arange(1 << _BITS, dtype=np.uint16)
    bits = np.bitwise_count(values)
    order = np.argsort(bits, kind="stable")
    return values[order[: np.count_nonzero(bits <= limit) if limit >= 0 else 0]]
