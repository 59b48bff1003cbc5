"""Draws strategies.png: the same method under each strategy; scikit-image's astronaut.

python -P docs/figures/strategies.py
"""

from pathlib import Path

import cv2
import numpy as np
from skimage.data import astronaut

import baselines

NAMES = ("native", "resize:64", "crop:64", "tile:64:16")


def hole(height: int, width: int) -> np.ndarray:
    """Draw a disc, a line and a square."""
    y, x = np.mgrid[0:height, 0:width]
    disc = (y - 110) ** 2 + (x - 95) ** 2 < 40**2
    line = (abs(y - 255 + x // 8) < 5) & (x > 20) & (x < 330)
    return disc | line | ((abs(x - 300) < 32) & (abs(y - 120) < 32))


def labelled(image: np.ndarray, text: str) -> np.ndarray:
    """Frame an image with its name above."""
    bar = np.full((26, image.shape[1], 3), 255, np.uint8)
    cv2.putText(bar, text, (6, 19), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (0, 0, 0), 1, cv2.LINE_AA)
    return np.vstack([bar, image])


def main() -> None:
    """Draw."""
    image = np.ascontiguousarray(astronaut()[:320, 60:420])
    mask = hole(*image.shape[:2])
    given = image.copy()
    given[mask] = 255
    method = baselines.load("telea")
    panels = [labelled(given, "given")]
    panels += [labelled(baselines.with_strategy(method, name)(image, mask), name) for name in NAMES]
    panels.append(labelled(image, "original"))
    sheet = np.vstack([np.hstack(panels[:3]), np.hstack(panels[3:])])
    path = Path(__file__).with_name("strategies.png")
    small = cv2.resize(sheet, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(path), cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main()
