"""Half-size YIQ planes in exact integers, which the gradient and wavelet metrics start from."""

from typing import Any

import numpy as np

from _df8k.kernels import serial_kernel

Y_SCALE = 4 * 1000
IQ_SCALE = 4 * 10000


@serial_kernel
def halved_luma(image: Any, first: int, out: Any) -> None:
    """Add up the luma of 2 x 2 blocks, zero outside the image.

    Args:
        image: uint8 ``(H, W, 3)``.
        first: half-size row that ``out`` begins at; may be negative.
        out: int64 ``(rows, columns)`` of thousandths of a grey level times four, column 0 at the left edge.
    """
    height, width = image.shape[0], image.shape[1]
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            total = np.int64(0)
            for y in range(2 * (first + row), 2 * (first + row) + 2):
                if 0 <= y < height:
                    for x in range(2 * column, min(2 * column + 2, width)):
                        pixel = image[y, x]
                        total += (
                            299 * np.int64(pixel[0]) + 587 * np.int64(pixel[1]) + 114 * np.int64(pixel[2])
                        )
            out[row, column] = total


@serial_kernel
def halved_chroma(image: Any, first: int, out: Any) -> None:
    """Add up I and Q as `halved_luma` does: int64 ``(rows, columns, 2)`` of ten-thousandths times four."""
    height, width = image.shape[0], image.shape[1]
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            i = q = np.int64(0)
            for y in range(2 * (first + row), 2 * (first + row) + 2):
                if 0 <= y < height:
                    for x in range(2 * column, min(2 * column + 2, width)):
                        pixel = image[y, x]
                        r, g, b = np.int64(pixel[0]), np.int64(pixel[1]), np.int64(pixel[2])
                        i += 5959 * r - 2746 * g - 3213 * b
                        q += 2115 * r - 5227 * g + 3112 * b
            out[row, column, 0] = i
            out[row, column, 1] = q
