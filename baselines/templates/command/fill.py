"""Fills one picture: fill.py IMAGE MASK OUTPUT. Replace what is inside `fill`; any language will do."""

import sys

import cv2
import numpy as np


def fill(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Your method: uint8 BGR (H, W, 3) as OpenCV reads it, and uint8 (H, W), 255 = missing."""
    if mask.all():
        return np.full_like(image, 128)
    return cv2.inpaint(image, mask, 3, cv2.INPAINT_TELEA)


def main() -> None:
    """Read, fill, write."""
    image, mask, output = sys.argv[1:]
    filled = fill(cv2.imread(image), cv2.imread(mask, cv2.IMREAD_GRAYSCALE))
    if not cv2.imwrite(output, filled):
        sys.exit(f"cannot write {output}")


if __name__ == "__main__":
    main()
