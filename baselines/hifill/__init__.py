"""HiFill: a 2.7 M parameter network at 512 x 512 whose attention carries detail to any resolution.

Source: Yi, Tang, Azizi, Jang, Xu: Contextual Residual Aggregation for Ultra High-Resolution Image Inpainting,
CVPR 2020. `hifill` is what ``baselines.load("hifill")`` calls.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
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

# Imported when they are asked for: the method itself runs without torch, which takes seconds to import.
_MODULES: Final = {
    "Discriminator": "network.discriminator",
    "Filled": "network.generator",
    "Generator": "network.generator",
    "HiFill": "method",
    "Weights": "weights",
    "fill_clean": "inference.clean",
    "fill_official": "inference.official",
    "hifill": "method",
    "initialise": "weights",
    "load_weights": "weights",
    "save_weights": "weights",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
