"""Fills every test picture: fill_folder.py DATASET FILLED. Replace what is inside `fill`."""

import sys
from pathlib import Path

import cv2
import numpy as np


def fill(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Your method: uint8 BGR (H, W, 3) as OpenCV reads it, and uint8 (H, W), 255 = missing."""
    return cv2.inpaint(image, mask, 3, cv2.INPAINT_TELEA)


def fill_folder() -> None:
    """Pair pictures and masks by name, fill, write PNG under the same name."""
    dataset, filled = map(Path, sys.argv[1:])
    filled.mkdir(parents=True, exist_ok=True)
    for path in sorted((dataset / "test" / "images").glob("*.png")):
        image = cv2.imread(str(path))
        mask = cv2.imread(str(dataset / "test" / "masks" / path.name), cv2.IMREAD_GRAYSCALE)
        image[mask == 255] = 0  # the original is under the hole: it must not be used
        cv2.imwrite(str(filled / path.name), fill(image, mask))


if __name__ == "__main__":
    fill_folder()
