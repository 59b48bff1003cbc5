"""Bind BrushNet (github.com/TencentARC/BrushNet), whose environment holds its fork of diffusers."""

import os

import numpy as np

BASE = os.environ.get("BRUSHNET_BASE", "data/ckpt/realisticVisionV60B1_v51VAE")
NETWORK = os.environ.get("BRUSHNET_NETWORK", "data/ckpt/segmentation_mask_brushnet_ckpt")
PROMPT = os.environ.get("BRUSHNET_PROMPT", "")
STEPS = int(os.environ.get("BRUSHNET_STEPS", "50"))


def load():
    """Load the pipeline once, and give the function that fills a 512 x 512 picture."""
    import torch
    from diffusers import BrushNetModel, StableDiffusionBrushNetPipeline
    from PIL import Image

    device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = torch.float16 if device == "cuda" else torch.float32
    network = BrushNetModel.from_pretrained(NETWORK, torch_dtype=dtype)
    pipeline = StableDiffusionBrushNetPipeline.from_pretrained(BASE, brushnet=network, torch_dtype=dtype)
    pipeline = pipeline.to(device)

    def inpaint(image, mask, seed=0):
        """Fill: uint8 RGB (H, W, 3), bool (H, W) with True = missing."""
        erased = image * (1 - mask[..., None].astype(np.uint8))
        hole = np.repeat(mask[..., None].astype(np.uint8) * 255, 3, axis=2)  # white = missing
        filled = pipeline(
            PROMPT,
            Image.fromarray(erased),
            Image.fromarray(hole),
            num_inference_steps=STEPS,
            generator=torch.Generator(device).manual_seed(seed),
            brushnet_conditioning_scale=1.0,
        )
        return np.asarray(filled.images[0].convert("RGB"))

    return inpaint
