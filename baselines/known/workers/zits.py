"""Bind ZITS (github.com/DQiaole/ZITS_inpainting) through its script for one picture."""

import os
import subprocess
import sys
import tempfile

import cv2
import numpy as np

REPOSITORY = os.environ.get("ZITS_REPOSITORY", "ZITS_inpainting")  # a checkout with ckpt/
CHECKPOINTS = os.environ.get("ZITS_CHECKPOINTS", "ckpt/zits_places2")  # of the checkout
CONFIG = os.environ.get("ZITS_CONFIG", "config_list/config_ZITS_places2.yml")  # of the checkout


def load():
    """Give the function that fills a square picture; the script loads its networks at each call."""

    def inpaint(image, mask):
        """Fill: uint8 RGB (S, S, 3), bool (S, S) with True = missing."""
        with tempfile.TemporaryDirectory() as folder:
            picture, hole, out = (os.path.join(folder, name) for name in ("picture.png", "hole.png", "out"))
            os.mkdir(out)
            cv2.imwrite(picture, image[..., ::-1])
            cv2.imwrite(hole, mask.astype(np.uint8) * 255)  # 255 = missing
            words = ["--path", CHECKPOINTS, "--config_file", CONFIG]
            files = ["--img_path", picture, "--mask_path", hole, "--save_path", out]
            script = [sys.executable, "single_image_test.py", *words, *files]
            subprocess.run(script, cwd=REPOSITORY, check=True)
            return cv2.imread(os.path.join(out, "picture.png"))[..., ::-1]

    return inpaint
