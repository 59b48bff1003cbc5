"""Bind MAT (github.com/fenglinglwb/MAT). Run under the environment of that repository."""

import os
import sys

import numpy as np

REPOSITORY = os.environ.get("MAT_REPOSITORY", "MAT")  # a checkout
NETWORK = os.environ.get("MAT_NETWORK", "Places_512_FullData.pkl")
SEED = 0


def load():
    """Load the network once, and give the function that fills a 512 x 512 picture."""
    sys.path.insert(0, REPOSITORY)
    import dnnlib
    import legacy
    import torch
    from networks.mat import Generator

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    with dnnlib.util.open_url(NETWORK) as file:
        saved = legacy.load_network_pkl(file)["G_ema"].eval()
    network = Generator(z_dim=512, c_dim=0, w_dim=512, img_resolution=512, img_channels=3)
    network.load_state_dict(saved.state_dict())
    network = network.to(device).eval().requires_grad_(False)
    label = torch.zeros([1, network.c_dim], device=device)

    def inpaint(image, mask):
        """Fill: uint8 RGB (512, 512, 3), bool (512, 512) with True = missing."""
        pixels = torch.from_numpy(image).to(device).permute(2, 0, 1)[None].float() / 127.5 - 1
        known = torch.from_numpy(1.0 - mask.astype(np.float32)).to(device)[None, None]  # 1 = known
        noise = torch.from_numpy(np.random.default_rng(SEED).standard_normal((1, network.z_dim))).to(device)
        filled = network(pixels, known, noise, label, truncation_psi=1, noise_mode="const")
        return (filled[0].permute(1, 2, 0) * 127.5 + 127.5).round().clamp(0, 255).byte().cpu().numpy()

    return inpaint
