"""Bind Moebius (arXiv 2606.19195) through a pipeline of diffusers that its hub page carries."""

import os

import numpy as np

MODEL = os.environ.get("MOEBIUS_MODEL", "")  # a name on the hub, or a folder, in the layout of diffusers
STEPS = int(os.environ.get("MOEBIUS_STEPS", "20"))


def load():
    """Load the pipeline once, and give the function that fills a 512 x 512 picture."""
    import torch
    from diffusers import DiffusionPipeline
    from PIL import Image

    if not MODEL:
        raise SystemExit("set MOEBIUS_MODEL to the name or folder of the weights, in the layout of diffusers")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    pipeline = DiffusionPipeline.from_pretrained(MODEL, custom_pipeline=MODEL).to(device)

    def inpaint(image, mask, seed=0):
        """Fill: uint8 RGB (512, 512, 3), bool (512, 512) with True = missing."""
        filled = pipeline(
            image=Image.fromarray(image),
            mask_image=Image.fromarray(mask.astype(np.uint8) * 255),  # white = missing
            num_inference_steps=STEPS,
            generator=torch.Generator(device).manual_seed(seed),
        )
        return np.asarray(filled.images[0].convert("RGB"))

    return inpaint
