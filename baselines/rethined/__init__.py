"""RETHINED: coarse network, NeuralPatchMatch and Attention Upscaling, written afresh from the paper.

Example:
    >>> import baselines
    >>> inpaint = baselines.load("rethined", working_resolution=256, backend="torch")
    >>> inpaint.card.parameters
    4276429
"""

from .explain import explain
from .export import Export, export
from .method import Rethined, rethined, rethined_large
from .network import Network, build, fused
from .official import rethined_official
from .options import Options
from .weights import load_network, save_network

__all__ = [
    "Export",
    "Network",
    "Options",
    "Rethined",
    "build",
    "explain",
    "export",
    "fused",
    "load_network",
    "rethined",
    "rethined_large",
    "rethined_official",
    "save_network",
]
