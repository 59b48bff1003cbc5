"""The contact sheet in docs/rethined.md: every stage of RETHINED on scikit-image's photograph of a cup.

python -P docs/figures/rethined.py
"""

from pathlib import Path

import skimage.data

import baselines
import masks
from baselines.rethined import explain


def main() -> None:
    """Write the sheet beside this file, in a palette of 128 colours."""
    from PIL import Image

    image = skimage.data.coffee()
    height, width = image.shape[:2]
    vector = masks.synthesize(aspect=(width, height), preset="df8k", key="docs")
    mask = vector.rasterize(width, height)
    path = Path(__file__).with_name("rethined-explain.png")
    method = baselines.load("rethined", backend="torch")
    explain(method, image, mask, path, panel_px=320)  # type: ignore[arg-type]
    Image.open(path).quantize(128).save(path, optimize=True)
    print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
