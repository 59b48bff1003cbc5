"""Write what the page takes from Python: graph, masks, frames, notices; ``make edge`` does it.

The graph is rethined's shipped one with the choice of sources behind it. Its numbers stay in the weights
file, which the page folds itself and lays out as ``rethined.json`` says.
"""

import hashlib
import json
from pathlib import Path
from typing import Final, TypedDict

import numpy as np

from _df8k.files import write_bytes, write_text
from df8k import masks
from df8k.baselines._registry import shipped_path
from df8k.baselines.rethined.runtime import shipped_graph
from df8k.leaderboard.errors import LeaderboardError

from .frames import write_frames

GRAPH: Final = "rethined.onnx"
LAYOUT: Final = "rethined.json"
APP: Final = Path(__file__).with_name("app")
# What people would draw: wide and narrow strokes, a box, scratches, lines of text.
PRESETS: Final = ("band-30-50", "band-10-30", "lama-thin", "object", "box", "scratch", "text")
_MASK_PX: Final = 1024


def write_graph(folder: Path) -> None:
    """Write `GRAPH` and `LAYOUT`.

    The graph takes ``image``, ``mask``, int32 ``holes`` and ``valid`` (tokens), and gives ``coarse``, ``low``
    and ``sources``, the most similar valid token of each hole token.

    Raises:
        LeaderboardError: the shipped weights are absent.
    """
    import onnx
    from onnx import TensorProto, helper

    model = onnx.load(shipped_graph.GRAPH.path, load_external_data=False)
    layout = weights_layout()
    for tensor in model.graph.initializer:
        if tensor.data_location != TensorProto.EXTERNAL:
            continue
        extent = layout["tensors"][tensor.name.removeprefix("network.")]
        for key in ("offset", "length"):
            entry = tensor.external_data.add()
            entry.key, entry.value = key, str(extent[key])
    graph = model.graph
    graph.initializer.append(helper.make_tensor("first", TensorProto.INT64, [1], [0]))
    graph.node.extend(
        [
            helper.make_node("Squeeze", ["queries", "first"], ["all_queries"]),
            helper.make_node("Squeeze", ["keys", "first"], ["all_keys"]),
            helper.make_node("Gather", ["all_queries", "holes"], ["hole_queries"]),
            helper.make_node("Gather", ["all_keys", "valid"], ["valid_keys"]),
            helper.make_node("Transpose", ["valid_keys"], ["columns"], perm=[1, 0]),
            helper.make_node("MatMul", ["hole_queries", "columns"], ["likeness"]),
            helper.make_node("ArgMax", ["likeness"], ["best"], axis=1, keepdims=0),
            helper.make_node("Gather", ["valid", "best"], ["sources"]),
        ]
    )
    kept = [output for output in graph.output if output.name in {"coarse", "low"}]
    del graph.output[:]
    graph.output.extend([*kept, helper.make_tensor_value_info("sources", TensorProto.INT32, ["n"])])
    for name, length in (("holes", "n"), ("valid", "m")):
        graph.input.append(helper.make_tensor_value_info(name, TensorProto.INT32, [length]))
    write_bytes(folder / GRAPH, model.SerializeToString(deterministic=True))
    write_text(folder / LAYOUT, json.dumps(layout, separators=(",", ":")) + "\n")


class Extent(TypedDict):
    """Bytes of one tensor in the graph's external data."""

    offset: int
    length: int


class Layout(TypedDict):
    """External data of the graph: its size, its SHA-256, and the extent of each tensor."""

    bytes: int
    sha256: str
    tensors: dict[str, Extent]


def weights_layout() -> Layout:
    """Lay out the folded numbers of the shipped weights, tensor after tensor by name.

    Raises:
        LeaderboardError: they are absent.
    """
    folded = shipped_graph.read_tensors(shipped_path("rethined"))
    if folded is None:
        raise LeaderboardError("the shipped weights do not fit the shipped graph: write that one again first")
    extents: dict[str, Extent] = {}
    digest, offset = hashlib.sha256(), 0
    for name in shipped_graph.GRAPH.contents["in_graph"]:
        numbers = np.ascontiguousarray(folded[name])
        digest.update(numbers.tobytes())
        extents[name] = {"offset": offset, "length": numbers.nbytes}
        offset += numbers.nbytes
    return {"bytes": offset, "sha256": digest.hexdigest(), "tensors": extents}


def write_masks(folder: Path) -> None:
    """Draw a square mask of each of `PRESETS`."""
    folder.mkdir(parents=True, exist_ok=True)
    for preset in PRESETS:
        drawn = masks.synthesize(aspect=(1, 1), preset=preset, key="edge")
        write_bytes(folder / f"{preset}.png", masks.encode_png(drawn.rasterize(_MASK_PX, _MASK_PX)))


def write_licences(path: Path) -> None:
    """Join the licence of onnxruntime and the notices of what it contains."""
    import onnxruntime

    folder = Path(onnxruntime.__file__).parent
    texts = [(folder / name).read_text(encoding="utf-8") for name in ("LICENSE", "ThirdPartyNotices.txt")]
    head = "The page and its weights: Apache-2.0. The runtime, ort-wasm-simd-threaded.*, is onnxruntime-web:"
    write_text(path, "\n\n".join([head, *texts]))


if __name__ == "__main__":
    write_graph(APP)
    write_masks(APP / "masks")
    write_frames(APP)
    write_licences(APP / "licences.txt")
