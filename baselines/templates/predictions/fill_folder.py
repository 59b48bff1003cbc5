"""Fills what `df8k inputs` wrote: fill_folder.py INPUTS FILLED. Replace what is inside `fill`."""

import sys
from pathlib import Path

import cv2
import numpy as np


def fill(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Your method: uint8 BGR (H, W, 3) as OpenCV reads it, and uint8 (H, W), 255 = missing."""
    return cv2.inpaint(image, mask, 3, cv2.INPAINT_TELEA)


def fill_folder() -> None:
    """Pair pictures and masks by name, fill, write PNG under the same size and name."""
    inputs, filled = map(Path, sys.argv[1:])
    for path in sorted(inputs.glob("*/images/*.png")):
        size = path.parents[1]
        image = cv2.imread(str(path))
        mask = cv2.imread(str(size / "masks" / path.name), cv2.IMREAD_GRAYSCALE)
        (filled / size.name).mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(filled / size.name / path.name), fill(image, mask))


if __name__ == "__main__":
    fill_folder()
