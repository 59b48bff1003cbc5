"""The network as ONNX: written, checked against torch, held to the operators that small runtimes have."""

import os
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from df8k.baselines.base import MethodError
from df8k.baselines.rethined.network.model import Network

# What Core ML's ML Program, LiteRT and the web runtimes offer alike, in fp32 and with any image size.
PORTABLE_OPERATORS = frozenset(
    {"Add", "AveragePool", "Concat", "Constant", "Conv", "DepthToSpace", "Div", "MatMul", "Mul"}
    | {"ReduceMean", "ReduceSum", "Relu", "Reshape", "Resize", "Sigmoid", "Sqrt", "Sub", "Transpose"}
)
# Any image size and any number of queries and keys; onnxruntime has these.
DYNAMIC_OPERATORS = PORTABLE_OPERATORS | {"ArgMax", "Expand", "Gather", "Neg", "Shape", "Slice"}
TOLERANCE = 1e-4
_OPSET = 18


class Embedding(nn.Module):
    """Graph ``embed``: coarse result, low band, queries and keys of one image."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """See `Network.forward`."""
        coarse, low, queries, keys = self.network(image, mask)
        return coarse, low, queries, keys


class Matching(nn.Module):
    """Graph ``match``: coarse result, low band and the source of each hole token."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, image: Tensor, mask: Tensor, hole: Tensor, valid: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Match as `best_source` does; the third result indexes ``valid``."""
        coarse, low, queries, keys = self.network(image, mask)
        similarity = queries[0].index_select(0, hole) @ keys[0].index_select(0, valid).T
        return coarse, low, similarity.argmax(1)


_GRAPHS = {
    "embed": (Embedding, ("image", "mask"), ("coarse", "low", "queries", "keys")),
    "match": (Matching, ("image", "mask", "hole", "valid"), ("coarse", "low", "source")),
}


def example(kind: str, height: int, width: int) -> tuple[Tensor, ...]:
    """Make inputs of a graph: a seeded image with a hole in its middle."""
    image = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(7))
    mask = torch.zeros(1, 1, height, width)
    mask[:, :, height // 4 : height // 2, width // 4 : width // 2] = 1
    if kind == "embed":
        return image, mask
    tokens = mask[0, 0, ::8, ::8].flatten() > 0
    hole, valid = tokens.nonzero()[:, 0], (~tokens).nonzero()[:, 0]
    return image, mask, hole, valid


def write_onnx(
    network: Network,
    path: Path,
    *,
    kind: str = "match",
    size: tuple[int, int] | None = None,
    check: bool = True,
) -> float:
    """Export a fused network.

    Without a size, sides are any multiples of 64 from 64 on, and ``match`` takes any numbers of queries and
    keys. With a size the graph ``embed`` needs `PORTABLE_OPERATORS` alone.

    Args:
        network: fused, fp32.
        path: file to write, atomically.
        kind: ``embed`` or ``match``.
        size: fixed height and width, multiples of 64.
        check: run the file and compare it with torch; without a size at another one than the traced.

    Returns:
        The largest absolute difference to torch over all float outputs; 0 without ``check``.

    Raises:
        MethodError: onnx, onnxscript or onnxruntime is missing, the graph holds an operator outside its
            list, or the check fails; no file is left then.
    """
    if kind not in _GRAPHS:
        raise MethodError(f"no graph is called {kind!r}: known: {', '.join(_GRAPHS)}")
    try:
        import onnx
        import onnxruntime  # noqa: F401 - found missing before the work, not after it
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise MethodError(
            f"{error.name} is not installed: ONNX export needs pip install 'df8k[onnx]'"
        ) from error
    if size is not None and (min(size) < 64 or size[0] % 64 or size[1] % 64):
        raise MethodError(f"a graph's sides are multiples of 64 from 64 on; got {size[0]} x {size[1]}")
    wrapper, inputs, outputs = _GRAPHS[kind]
    allowed = PORTABLE_OPERATORS if size and kind == "embed" else DYNAMIC_OPERATORS
    rows, columns = torch.export.Dim("rows", min=2, max=128), torch.export.Dim("columns", min=2, max=128)
    image_shape = {} if size else {2: 64 * rows, 3: 64 * columns}
    shapes: tuple[object, ...] = (image_shape, image_shape)
    if kind == "match":
        holes, valids = ({0: torch.export.Dim(name, min=1)} for name in ("holes", "valids"))
        shapes += (holes, valids)
    module = wrapper(network).eval()
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        temporary = Path(folder) / "graph.onnx"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter warns about its own internals
            torch.onnx.export(
                module,
                example(kind, *(size or (128, 192))),
                temporary,
                input_names=list(inputs),
                output_names=list(outputs),
                dynamic_shapes=shapes,
                opset_version=_OPSET,
                external_data=False,
                dynamo=True,
                verbose=False,
            )
        used = operators(onnx.load(temporary))
        if used - allowed:
            raise MethodError(
                f"graph {kind!r} uses {', '.join(sorted(used - allowed))}, outside its operator list"
            )
        deviation = difference(temporary, module, kind, size or (192, 128)) if check else 0.0
        if not deviation <= TOLERANCE:
            raise MethodError(
                f"the exported graph differs from torch by {deviation:.1e}, over {TOLERANCE:.0e}"
            )
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    return deviation


def operators(model: object) -> set[str]:
    """List the operators of a loaded ONNX model, those of its functions and subgraphs included."""
    names: set[str] = set()
    graphs = [model.graph, *model.functions]  # type: ignore[attr-defined] # onnx is untyped here
    while graphs:
        for node in graphs.pop().node:
            names.add(node.op_type)
            graphs += [attribute.g for attribute in node.attribute if attribute.HasField("g")]
    return names


def difference(path: Path, module: nn.Module, kind: str, size: tuple[int, int]) -> float:
    """Measure the largest difference between onnxruntime and torch over the float outputs at one size."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    inputs = example(kind, *size)
    with torch.inference_mode():
        expected = module(*inputs)
    feed = {info.name: value.numpy() for info, value in zip(session.get_inputs(), inputs, strict=True)}
    worst = 0.0
    for output, reference in zip(session.run(None, feed), expected, strict=True):
        if not np.issubdtype(output.dtype, np.floating):
            continue
        # fmax and max would lose a NaN.
        worst = float(np.maximum(worst, np.abs(output - reference.numpy()).max()))
    return worst
