"""RETHINED: coarse network, NeuralPatchMatch and Attention Upscaling, written afresh from the paper.

Example:
    >>> import baselines
    >>> inpaint = baselines.load("rethined", working_resolution=256, backend="torch")
    >>> inpaint.card.parameters
    7777913
"""

from df8k.baselines.roles import Export

from .explain import explain
from .method import Rethined, rethined, rethined_large, rethined_untrained
from .network.model import Network, build, fused
from .network.weights import load_network, save_network
from .official import rethined_official
from .options import Options
from .runtime.export import export

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
    "rethined_untrained",
    "save_network",
]
