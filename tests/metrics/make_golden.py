"""Write the golden values: python -P tests/metrics/make_golden.py, from the repository's root.

Values come from the reference implementations alone, on pictures made of integer arithmetic, so that no
random generator is part of them. The tests never write this file.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import piq
import pytorch_msssim
import torch
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio, structural_similarity

PATH = Path(__file__).parent / "golden" / "pairwise.json"


def golden_pair():
    """A grey original of 240 x 320 with edges, texture and shading, and a distorted copy."""
    y, x = np.mgrid[:240, :320].astype(np.int64)
    plane = (x * y // 97 + 40 * ((x // 16 + y // 24) % 2) + (x * x + 3 * y * y) // 53 % 37) % 256
    error = (x * 7 + y * 13) % 23 - 11
    target = plane.astype(np.uint8)
    prediction = np.clip(plane + error, 0, 255).astype(np.uint8)
    return (np.repeat(image[..., None], 3, axis=2) for image in (prediction, target))


def reference_values():
    """Key → (value, origin)."""
    prediction, target = golden_pair()
    x, y = (torch.from_numpy(image).permute(2, 0, 1)[None].double() for image in (prediction, target))
    skimage, piq_name, ms = (f"{name} {version(name)}" for name in ("scikit-image", "piq", "pytorch-msssim"))
    settings = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    ssim = structural_similarity(prediction, target, data_range=255, channel_axis=2, **settings)
    return {
        "l1.full": (np.abs(prediction.astype(float) - target).mean() / 255, f"numpy {np.__version__}"),
        "mse.full": (mean_squared_error(target, prediction) / 255**2, f"{skimage} mean_squared_error / 255²"),
        "psnr.full": (peak_signal_noise_ratio(target, prediction, data_range=255), f"{skimage} PSNR"),
        "ssim.full": (ssim, f"{skimage} structural_similarity, Gaussian, sigma 1.5, population covariance"),
        "ms-ssim.full": (pytorch_msssim.ms_ssim(x, y, data_range=255).item(), f"{ms} ms_ssim"),
        "gmsd.full": (piq.gmsd(x, y, data_range=255).item(), f"{piq_name} gmsd"),
        "haarpsi.full": (piq.haarpsi(x, y, data_range=255).item(), f"{piq_name} haarpsi"),
    }


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    golden = {
        key: {"value": float(value), "origin": origin} for key, (value, origin) in reference_values().items()
    }
    PATH.write_text(json.dumps(golden, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
