"""ONNX graphs without numbers, which come with the package.

The numbers are those of a weights file, put in when a session is made: new weights need no new graph. A
change of the network does; a hash of the code that a graph was made from tells.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from _df8k.files import atomic_file
from _df8k.threads import thread_count

from .base import MethodError

if TYPE_CHECKING:
    import onnxruntime
    from torch import nn

Tensors = Mapping[str, npt.NDArray[np.float32]]

_PREFIX: Final = "network."


@dataclass(frozen=True)
class ShippedGraph:
    """Graph of one network, which a traced module holds as its attribute ``network``.

    Attributes:
        path: the ONNX file; beside it a JSON file with its ``sources``, the shapes of all ``tensors`` of the
            network and the names of those ``in_graph``.
        method: folder that ``sources`` are relative to.
        sources: files that the graph is made from.
        unused: beginnings of the names of tensors for training alone.
    """

    path: Path
    method: Path
    sources: tuple[str, ...]
    unused: tuple[str, ...] = ()

    def sources_sha256(self) -> str:
        """Hash the code that the graph is made from."""
        digest = hashlib.sha256()
        for name in self.sources:
            digest.update((self.method / name).read_bytes())
        return digest.hexdigest()

    @cached_property
    def contents(self) -> dict[str, Any]:
        """What stands beside the graph."""
        stored: dict[str, Any] = json.loads(self.path.with_suffix(".json").read_text(encoding="utf-8"))
        return stored

    def fits(self, tensors: Tensors) -> bool:
        """Tell whether these are the tensors of the graph's network, by names and shapes."""
        shapes: object = self.contents["tensors"]
        return {name: list(tensor.shape) for name, tensor in tensors.items()} == shapes

    def session(self, tensors: Tensors) -> "onnxruntime.InferenceSession":
        """Open the graph with numbers that fit."""
        import onnxruntime

        names = self.contents["in_graph"]
        values = [
            onnxruntime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(tensors[name])) for name in names
        ]
        options = session_options()
        options.add_external_initializers([_PREFIX + name for name in names], values)
        return onnxruntime.InferenceSession(
            self.path.read_bytes(), options, providers=["CPUExecutionProvider"]
        )

    def write(self, network: "nn.Module", export: Callable[[Path], object], folder: Path) -> None:
        """Export the network without its numbers, to a folder.

        Args:
            network: in its form for inference; its numbers are replaced.
            export: writes the module that holds it as ONNX.
            folder: where the two files go.

        Raises:
            MethodError: the exporter left out a tensor.
        """
        import onnx
        import torch

        generator = torch.Generator().manual_seed(0)
        for tensor in network.state_dict().values():
            # The exporter leaves out zeros and joins equal tensors: none may be, by chance of a start.
            tensor.copy_(torch.randn(tensor.shape, generator=generator) / 16)
        shapes = {name: list(tensor.shape) for name, tensor in network.state_dict().items()}
        whole = folder / "whole.onnx"
        export(whole)
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
        if absent := [name for name in shapes if name not in in_graph and not name.startswith(self.unused)]:
            raise MethodError(f"the exporter left out {', '.join(absent)}")
        del model.graph.value_info[:]
        for node in model.graph.node:
            del node.metadata_props[:]
            node.doc_string = ""
        with atomic_file(folder / self.path.name) as file:
            file.write(model.SerializeToString(deterministic=True))
        listed = {"sources": self.sources_sha256(), "in_graph": sorted(in_graph), "tensors": shapes}
        with atomic_file(folder / self.path.with_suffix(".json").name) as file:
            file.write((json.dumps(listed, indent=1, sort_keys=True) + "\n").encode())


def session_options() -> "onnxruntime.SessionOptions":
    """Make the options of a session: as many threads as are allowed, which do not spin, in little memory."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = thread_count()
    # Waiting threads would spin: on a busy machine the network then takes three times as long. The memory
    # pattern is a second copy of all activations.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_mem_pattern = False
    return options
