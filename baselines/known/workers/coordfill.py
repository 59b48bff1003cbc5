"""Bind CoordFill (github.com/NiFangBaAGe/CoordFill). Run under the environment of that repository."""

import os
import sys

import numpy as np

REPOSITORY = os.environ.get("COORDFILL_REPOSITORY", "CoordFill")  # a checkout
CONFIG = os.environ.get("COORDFILL_CONFIG", "configs/test/test.yaml")  # of the checkout
NETWORK = os.environ.get("COORDFILL_NETWORK", "encoder-epoch.pth")


def load():
    """Load the network once, and give the function that fills a picture."""
    sys.path.insert(0, REPOSITORY)
    import models
    import torch
    import yaml

    with open(os.path.join(REPOSITORY, CONFIG), encoding="utf-8") as file:
        network = models.make(yaml.safe_load(file)["model"]).cuda()
    network.encoder.load_state_dict(torch.load(NETWORK, map_location="cuda:0"))
    network.eval()

    def inpaint(image, mask):
        """Fill: uint8 RGB (H, W, 3), bool (H, W) with True = missing."""
        pixels = torch.from_numpy(image).cuda().permute(2, 0, 1)[None].float() / 127.5 - 1
        known = torch.from_numpy(1.0 - mask.astype(np.float32)).cuda()[None, None]  # 1 = known
        with torch.no_grad():
            filled = network.encoder.mask_predict([pixels, known])
        filled = (filled * 0.5 + 0.5).clamp(0, 1).view(3, *mask.shape) * 255
        return filled.round().byte().permute(1, 2, 0).cpu().numpy()

    return inpaint
