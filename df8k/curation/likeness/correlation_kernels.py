"""The loop over places that one small image may have in another."""

import numpy as np
import numpy.typing as npt

from _df8k.kernels import serial_kernel

_Pixels = npt.NDArray[np.float32]


@serial_kernel
def best_correlation(template: _Pixels, image: _Pixels) -> float:
    """Find the best normalised correlation of a template with any part of an image.

    Args:
        template: float32 ``(h, w)``, without mean and of length 1.
        image: float32 ``(H, W)``, no smaller.

    Returns:
        in [-1, 1]; parts without detail count as -1.
    """
    height, width = template.shape
    across = image.shape[1] - width + 1
    product = np.empty(across, np.float32)
    total, power = np.empty(image.shape[1]), np.empty(image.shape[1])  # of a column's part
    best = -1.0
    for top in range(image.shape[0] - height + 1):
        product[:], total[:], power[:] = 0, 0, 0
        for row in range(height):
            for column in range(image.shape[1]):
                value = image[top + row, column]
                total[column] += value
                power[column] += value * value
            for column in range(width):
                weight = template[row, column]
                for left in range(across):  # neighbours in memory: vector instructions
                    product[left] += weight * image[top + row, left + column]
        for left in range(across):
            squares = power[left : left + width].sum()
            variance = squares - total[left : left + width].sum() ** 2 / (height * width)
            if variance > 1e-6 * squares:
                best = max(best, product[left] / np.sqrt(variance))
    return best
