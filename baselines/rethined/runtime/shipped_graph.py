"""Network of `rethined` as an ONNX graph without numbers, which comes with the package.

The numbers are those of the weights file, put in when a session is made: new weights need no new graph. A
change of the network does: ``python -m df8k.baselines.rethined.runtime.shipped_graph`` writes it again.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import safetensors
import safetensors.numpy

from _df8k.files import atomic_file
from df8k.baselines.base import MethodError
from df8k.baselines.rethined.network.folding import Tensors, folded_tensors
from df8k.baselines.rethined.network.geometry import CUT_PX

if TYPE_CHECKING:
    import onnxruntime

    from df8k.baselines.rethined.network.model import Network

GRAPH: Final = Path(__file__).with_name("rethined.onnx")
CONTENTS: Final = GRAPH.with_suffix(".json")
_METHOD: Final = Path(__file__).parent.parent
# A graph is as old as the code that writes it.
SOURCES: Final = (
    "network/model.py",
    "network/coarse.py",
    "network/layers.py",
    "network/filters.py",
    "network/attention.py",
    "runtime/onnx_graph.py",
)
_PREFIX: Final = "network."
# For training alone.
_UNUSED: Final = ("coherence.", "match.log_temperature")


def sources_sha256() -> str:
    """Hash the code that a graph is made from."""
    digest = hashlib.sha256()
    for name in SOURCES:
        digest.update((_METHOD / name).read_bytes())
    return digest.hexdigest()


@cache
def contents() -> dict[str, Any]:
    """Read what stands beside the graph: its ``sources``, the shapes of all ``tensors`` of the network."""
    stored: dict[str, Any] = json.loads(CONTENTS.read_text(encoding="utf-8"))
    return stored


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
    shapes = {name: list(tensor.shape) for name, tensor in tensors.items()}
    return tensors if shapes == contents()["tensors"] else None


def tensors_of(network: "Network") -> Tensors | None:
    """Read the tensors of a fused network in memory; ``None`` where the graph is not its own."""
    from df8k.baselines.rethined.network.filters import LowPass

    tensors = {name: tensor.cpu().numpy() for name, tensor in network.state_dict().items()}
    cut, default = network.low_pass.kernel.cpu(), LowPass(CUT_PX).kernel
    if cut.shape != default.shape or not bool((cut == default).all()):
        return None  # the filter of the frequency cut stands in the graph
    shapes = {name: list(tensor.shape) for name, tensor in tensors.items()}
    return tensors if shapes == contents()["tensors"] else None


def session(tensors: Tensors, options: "onnxruntime.SessionOptions") -> "onnxruntime.InferenceSession":
    """Open the graph with these numbers.

    Args:
        tensors: see `read_tensors`.
        options: of the session.
    """
    import onnxruntime

    names = contents()["in_graph"]
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(tensors[name])) for name in names]
    options.add_external_initializers([_PREFIX + name for name in names], values)
    return onnxruntime.InferenceSession(GRAPH.read_bytes(), options, providers=["CPUExecutionProvider"])


def write_shipped_graph(folder: Path) -> None:
    """Export the network and write `GRAPH` and `CONTENTS` to a folder.

    Raises:
        MethodError: see `write_onnx`.
    """
    import onnx
    import torch

    from df8k.baselines.rethined.network.model import build, fused

    from .onnx_graph import write_onnx

    network = fused(build("rethined"))
    generator = torch.Generator().manual_seed(0)
    for tensor in network.state_dict().values():
        # The exporter leaves out zeros and joins tensors that are equal: none may be, by chance of a start.
        tensor.copy_(torch.randn(tensor.shape, generator=generator) / 16)
    shapes = {name: list(tensor.shape) for name, tensor in network.state_dict().items()}
    whole = folder / "whole.onnx"
    write_onnx(network, whole, kind="embed", check=False)
    model = onnx.load(whole)
    whole.unlink()
    in_graph = []
    for tensor in model.graph.initializer:
        name = tensor.name.removeprefix(_PREFIX)
        if name in shapes:
            in_graph.append(name)
            tensor.ClearField("raw_data")
            tensor.data_location = onnx.TensorProto.EXTERNAL
            location = tensor.external_data.add()
            location.key, location.value = "location", "weights"
    if absent := [name for name in shapes if name not in in_graph and not name.startswith(_UNUSED)]:
        raise MethodError(f"the exporter left out {', '.join(absent)}")
    del model.graph.value_info[:]
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    with atomic_file(folder / GRAPH.name) as file:
        file.write(model.SerializeToString(deterministic=True))
    listed = {"sources": sources_sha256(), "in_graph": sorted(in_graph), "tensors": shapes}
    with atomic_file(folder / CONTENTS.name) as file:
        file.write((json.dumps(listed, indent=1, sort_keys=True) + "\n").encode())


if __name__ == "__main__":
    write_shipped_graph(GRAPH.parent)
