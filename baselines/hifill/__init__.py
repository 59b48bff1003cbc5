"""HiFill: a 2.7 M parameter network at 512 x 512 whose attention carries detail to any resolution.

Source: Yi, Tang, Azizi, Jang, Xu: Contextual Residual Aggregation for Ultra High-Resolution Image Inpainting,
CVPR 2020. `hifill` is what ``baselines.load("hifill")`` calls.
"""

from .inference.clean import fill_clean
from .inference.official import fill_official
from .method import HiFill, hifill
from .network.discriminator import Discriminator
from .network.generator import Filled, Generator
from .weights import Weights, initialise, load_weights, save_weights

__all__ = [
    "Discriminator",
    "Filled",
    "Generator",
    "HiFill",
    "Weights",
    "fill_clean",
    "fill_official",
    "hifill",
    "initialise",
    "load_weights",
    "save_weights",
]
