"""Random numbers that depend on a key alone, so that no thread can change them."""

import numpy as np

from _df8k.kernels import inner_kernel


@inner_kernel
def mix(value: np.uint32) -> np.uint32:
    """Turn a counter into a random number.

    Source:
        Wellons' lowbias32, a public-domain integer hash.
    """
    value ^= value >> np.uint32(16)
    value = np.uint32(value * np.uint32(0x7FEB352D))
    value ^= value >> np.uint32(15)
    value = np.uint32(value * np.uint32(0x846CA68B))
    value ^= value >> np.uint32(16)
    return value


@inner_kernel
def following(state: np.uint32) -> np.uint32:
    """Draw the next number of a sequence."""
    return mix(np.uint32(state + np.uint32(0x9E3779B9)))


@inner_kernel
def below(state: np.uint32, count: int) -> np.int64:
    """Scale a number to 0 ... ``count - 1``."""
    return np.int64((np.uint64(state) * np.uint64(count)) >> np.uint64(32))


@inner_kernel
def offset(half: np.uint32, reach: int) -> np.int64:
    """Scale 16 random bits to ``-reach`` ... ``reach``."""
    return (np.int64(half) * (2 * reach + 1) >> 16) - reach
