"""RETHINED: coarse network, NeuralPatchMatch and Attention Upscaling, written afresh from the paper.

Example:
    >>> import baselines
    >>> inpaint = baselines.load("rethined", working_resolution=256, backend="torch")
    >>> inpaint.card.parameters
    7777913
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from df8k.baselines.roles import Export

    from .method import Rethined, rethined, rethined_large, rethined_untrained
    from .network.model import Network, build, fused
    from .network.weights import load_network, save_network
    from .official import rethined_official
    from .options import Options
    from .runtime.export import export
    from .stage_sheet import explain

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

# Imported when they are asked for: the method itself runs without torch, which takes seconds to import.
_MODULES: Final = {
    "Export": "df8k.baselines.roles",
    "Network": "df8k.baselines.rethined.network.model",
    "Options": "df8k.baselines.rethined.options",
    "Rethined": "df8k.baselines.rethined.method",
    "build": "df8k.baselines.rethined.network.model",
    "explain": "df8k.baselines.rethined.stage_sheet",
    "export": "df8k.baselines.rethined.runtime.export",
    "fused": "df8k.baselines.rethined.network.model",
    "load_network": "df8k.baselines.rethined.network.weights",
    "rethined": "df8k.baselines.rethined.method",
    "rethined_large": "df8k.baselines.rethined.method",
    "rethined_official": "df8k.baselines.rethined.official",
    "rethined_untrained": "df8k.baselines.rethined.method",
    "save_network": "df8k.baselines.rethined.network.weights",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
