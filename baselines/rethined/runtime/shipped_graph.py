"""Network of `rethined` as an ONNX graph without numbers, which comes with the package.

``python -m df8k.baselines.rethined.runtime.shipped_graph`` writes it again after a change of the network.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import safetensors
import safetensors.numpy

from df8k.baselines._shipped_graph import ShippedGraph
from df8k.baselines.base import MethodError
from df8k.baselines.rethined.network.folding import Tensors, folded_tensors
from df8k.baselines.rethined.network.geometry import CUT_PX

if TYPE_CHECKING:
    from df8k.baselines.rethined.network.model import Network

GRAPH: Final = ShippedGraph(
    path=Path(__file__).with_name("rethined.onnx"),
    method=Path(__file__).parent.parent,
    # A graph is as old as the code that writes it.
    sources=(
        "network/model.py",
        "network/coarse.py",
        "network/layers.py",
        "network/filters.py",
        "network/attention.py",
        "runtime/onnx_graph.py",
    ),
    unused=("coherence.", "match.log_temperature"),
)


def read_tensors(path: Path) -> Tensors | None:
    """Read and fold the tensors of a weights file; ``None`` where they are not those of the graph's network.

    Raises:
        MethodError: the file cannot be read.
    """
    try:
        tensors = folded_tensors(safetensors.numpy.load_file(path))
    except (OSError, safetensors.SafetensorError) as error:
        raise MethodError(f"cannot read the weights {path}: {error}") from error
    except (KeyError, ValueError, IndexError, TypeError):
        return None
    return tensors if GRAPH.fits(tensors) else None


def tensors_of(network: "Network") -> Tensors | None:
    """Read the tensors of a fused network in memory; ``None`` where the graph is not its own."""
    from df8k.baselines.rethined.network.filters import LowPass

    tensors = {name: tensor.cpu().numpy() for name, tensor in network.state_dict().items()}
    cut, default = network.low_pass.kernel.cpu(), LowPass(CUT_PX).kernel
    if cut.shape != default.shape or not bool((cut == default).all()):
        return None  # the filter of the frequency cut stands in the graph
    return tensors if GRAPH.fits(tensors) else None


def write_shipped_graph(folder: Path) -> None:
    """Export the network and write both files of `GRAPH` to a folder.

    Raises:
        MethodError: see `write_onnx`.
    """
    from df8k.baselines.rethined.network.model import build, fused

    from .onnx_graph import write_onnx

    network = fused(build("rethined"))
    GRAPH.write(network, lambda path: write_onnx(network, path, kind="embed", check=False), folder)


if __name__ == "__main__":
    write_shipped_graph(GRAPH.path.parent)
