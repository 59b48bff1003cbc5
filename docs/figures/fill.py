"""Figure at the top of README: photographs with holes, and the same filled.

python -P docs/figures/fill.py

What ``df8k fill coffee.png preset:df8k-small --method patchmatch --out filled.png --sheet`` draws, for two
photographs that come with scikit-image: a cup by Rachel Michetti and a cat by Stéfan van der Walt, both CC0.
"""

from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np

import df8k
from df8k.images import decode

PHOTOGRAPHS = ("coffee.png", "chelsea.png")
WIDTH = 1000


def main() -> None:
    """Write the sheets below each other beside this file, as JPEG."""
    from PIL import Image

    sheets = []
    for name in PHOTOGRAPHS:
        photo = files("skimage").joinpath("data", name)
        sheet = decode(df8k.fill(str(photo), "preset:df8k-small", method="patchmatch").sheet())
        height = round(sheet.shape[0] * WIDTH / sheet.shape[1])
        sheets.append(cv2.resize(sheet, (WIDTH, height), interpolation=cv2.INTER_AREA))
    gap = np.full((8, WIDTH, 3), 255, np.uint8)
    path = Path(__file__).with_name("fill.jpg")
    drawn = np.concatenate([part for sheet in sheets for part in (sheet, gap)][:-1])
    Image.fromarray(drawn).save(path, quality=88)
    print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
