"""Bind PowerPaint's first version through diffusers' pipeline for inpainting."""

import os

import numpy as np

# A copy of the weights in the layout of diffusers. Its task words need the tokenizer of the repository.
MODEL = os.environ.get("POWERPAINT_MODEL", "Sanster/PowerPaint-V1-stable-diffusion-inpainting")
PROMPT = os.environ.get("POWERPAINT_PROMPT", "")
STEPS = int(os.environ.get("POWERPAINT_STEPS", "45"))


def load():
    """Load the pipeline once, and give the function that fills a 512 x 512 picture."""
    import torch
    from diffusers import AutoPipelineForInpainting
    from PIL import Image

    device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = torch.float16 if device == "cuda" else torch.float32
    pipeline = AutoPipelineForInpainting.from_pretrained(MODEL, torch_dtype=dtype).to(device)

    def inpaint(image, mask, seed=0):
        """Fill: uint8 RGB (H, W, 3), bool (H, W) with True = missing."""
        filled = pipeline(
            prompt=PROMPT,
            image=Image.fromarray(image),
            mask_image=Image.fromarray(mask.astype(np.uint8) * 255),  # white = missing
            height=mask.shape[0],
            width=mask.shape[1],
            num_inference_steps=STEPS,
            generator=torch.Generator(device).manual_seed(seed),
        )
        return np.asarray(filled.images[0].convert("RGB"))

    return inpaint
