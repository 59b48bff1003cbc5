"""Noise that keeps its shape when the picture grows: a larger size only adds finer octaves."""

import cv2
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.float32]


def fractal(
    side: int, key: int, *, grid: tuple[int, int] = (4, 4), gain: float = 0.5, octaves: int = 12
) -> Plane:
    """Sum octaves of smooth noise.

    Args:
        side: height and width of the result, in pixels.
        key: of the pseudo-random numbers.
        grid: rows and columns of the coarsest octave; each further one has twice as many.
        gain: amplitude of an octave against the coarser one.
        octaves: at most; those finer than two pixels are left out.

    Returns:
        float32 ``(side, side)`` of mean about 0, the coarsest octave with standard deviation about 1.
    """
    total = np.zeros((side, side), np.float32)
    for octave in range(octaves):
        rows, columns = grid[0] << octave, grid[1] << octave
        if max(rows, columns) > side // 2:
            break
        values = np.random.default_rng((key, octave)).normal(size=(rows, columns)).astype(np.float32)
        total += gain**octave * cv2.resize(values, (side, side), interpolation=cv2.INTER_CUBIC)
    return total


def coordinates(side: int) -> tuple[Plane, Plane]:
    """Compute x and y of every pixel's centre, as fractions of the side."""
    line = (np.arange(side, dtype=np.float32) + 0.5) / side
    return np.broadcast_to(line, (side, side)), np.broadcast_to(line[:, None], (side, side))


def smooth(value: Plane, low: float, high: float) -> Plane:
    """Rise from 0 at ``low`` to 1 at ``high``, without a kink."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def colour(plane: Plane, dark: tuple[int, int, int], light: tuple[int, int, int]) -> Plane:
    """Mix two colours: 0 gives ``dark``, 1 gives ``light``; float32 ``(side, side, 3)`` in grey levels."""
    a, b = np.asarray(dark, np.float32), np.asarray(light, np.float32)
    return np.asarray(a + (b - a) * plane[..., None], np.float32)
