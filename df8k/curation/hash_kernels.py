"""Loop of `hashes.NearHashes`, compiled when an index first has a table."""

import numpy as np
import numpy.typing as npt

from _df8k.kernels import serial_kernel

_ONES = np.uint64(0x5555555555555555)
_PAIRS = np.uint64(0x3333333333333333)
_FOURS = np.uint64(0x0F0F0F0F0F0F0F0F)
_SUM = np.uint64(0x0101010101010101)
_1, _2, _4, _56 = np.uint64(1), np.uint64(2), np.uint64(4), np.uint64(56)
_BITS = np.uint64(16)
_LOW = np.uint64(0xFFFF)


@serial_kernel
def bit_count(value: np.uint64) -> np.uint64:
    """Count the ones."""
    value = value - ((value >> _1) & _ONES)
    value = (value & _PAIRS) + ((value >> _2) & _PAIRS)
    value = (value + (value >> _4)) & _FOURS
    return (value * _SUM) >> _56


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
