"""Loop of `hashes.NearHashes`, compiled when an index first has a table."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import types
from numba.extending import intrinsic

from _df8k.kernels import serial_kernel

_BITS = np.uint64(16)
_LOW = np.uint64(0xFFFF)


def _bit_count(typing: Any, value: Any) -> Any:  # noqa: ARG001 - numba's contract
    def count(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), count


# Ones of a value, in compiled loops: by the processor's own instruction where it has one.
bit_count: Callable[[np.uint64], np.uint64] = intrinsic(_bit_count)


@serial_kernel
def search(
    hashes: npt.NDArray[np.uint64],
    numbers: npt.NDArray[np.uint32],
    begins: npt.NDArray[np.int64],
    code: np.uint64,
    distance: int,
    limits: npt.NDArray[np.int64],
    flips: npt.NDArray[np.uint16],
    flip_begins: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    """Look into every bucket that may hold a hash within the distance; each hash is given once.

    Args:
        hashes: see `hashes._Run`.
        numbers: likewise.
        begins: likewise.
        code: whose neighbours are asked for.
        distance: largest Hamming distance.
        limits: int64 ``(4,)``, bits in which each band may differ.
        flips: differences of a band, band after band.
        flip_begins: int64 ``(5,)``, where those of each band begin.
    """
    capacity = 64
    matches = np.empty(capacity, np.int64)
    count = 0
    for band in range(4):
        value = (code >> (_BITS * np.uint64(band))) & _LOW
        for flip in range(flip_begins[band], flip_begins[band + 1]):
            bucket = np.int64(value ^ np.uint64(flips[flip]))
            for position in range(begins[band, bucket], begins[band, bucket + 1]):
                difference = hashes[band, position] ^ code
                if bit_count(difference) > np.uint64(distance):
                    continue
                first = True
                for earlier in range(band):  # whose buckets hold it, too
                    bits = bit_count((difference >> (_BITS * np.uint64(earlier))) & _LOW)
                    if np.int64(bits) <= limits[earlier]:
                        first = False
                if not first:
                    continue
                if count == capacity:
                    capacity *= 2
                    larger = np.empty(capacity, np.int64)
                    larger[:count] = matches
                    matches = larger
                matches[count] = numbers[band, position]
                count += 1
    return matches[:count]
