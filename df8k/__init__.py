"""DF8K-Inpainting: build, verify and read the dataset; fill photographs.

Example:
    >>> import df8k
    >>> dataset = df8k.load("DATASET", split="test")  # doctest: +SKIP
    >>> dataset[0].image.shape, dataset[0].mask.dtype  # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import baselines, leaderboard, masks, metrics
    from .builder import BuildReport, build
    from .config import BuildConfig
    from .dataset import Dataset, Sample, load
    from .errors import BuildError, DatasetError, Df8kError, FillError, SourceError
    from .filling import Filled, fill
    from .verification import verify

__all__ = [
    "BuildConfig",
    "BuildError",
    "BuildReport",
    "Dataset",
    "DatasetError",
    "Df8kError",
    "FillError",
    "Filled",
    "Sample",
    "SourceError",
    "baselines",
    "build",
    "fill",
    "leaderboard",
    "load",
    "masks",
    "metrics",
    "verify",
]

_PACKAGES = ("baselines", "leaderboard", "masks", "metrics")
_HOMES = {
    "build": ".builder",
    "BuildReport": ".builder",
    "BuildConfig": ".config",
    "Dataset": ".dataset",
    "Sample": ".dataset",
    "load": ".dataset",
    "BuildError": ".errors",
    "DatasetError": ".errors",
    "Df8kError": ".errors",
    "FillError": ".errors",
    "Filled": ".filling",
    "fill": ".filling",
    "SourceError": ".errors",
    "verify": ".verification",
}


def __dir__() -> list[str]:
    """List the public names, which completion asks for before they are imported."""
    return sorted(__all__)


def __getattr__(name: str) -> Any:
    """Import a public name on first use, so that the command line starts without pandas and OpenCV."""
    if name in _PACKAGES:
        return import_module(f".{name}", __name__)
    if name not in _HOMES:
        raise AttributeError(f"module 'df8k' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name], __name__), name)
    globals()[name] = value
    return value
