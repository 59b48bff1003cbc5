"""TensorFlow.js graph models as ONNX graphs: the operators that NanoDet's holds, without TensorFlow."""

import base64
import json
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from df8k.errors import BuildError

_OPSET: Final = 17
_IR_VERSION: Final = 8
_CHANNELS_FIRST: Final = (0, 3, 1, 2)
_CHANNELS_LAST: Final = (0, 2, 3, 1)

Array = npt.NDArray[Any]
Node = dict[str, Any]


def read_graph_model(graph: Path, values: Path) -> Any:
    """Convert a graph model to an ONNX model; names of inputs and outputs stay.

    Args:
        graph: JSON file with topology and the list of weights.
        values: binary file of these weights, one after the other.

    Returns:
        An ``onnx.ModelProto``.

    Raises:
        BuildError: the values are not those that the graph lists, or an operator is not known here.
    """
    described = json.loads(graph.read_text())
    nodes: list[Node] = described["modelTopology"]["node"]
    listed = [weight for group in described["weightsManifest"] for weight in group["weights"]]
    return _Conversion(_constants(listed, values)).convert(nodes)


def _constants(listed: list[Node], values: Path) -> dict[str, Array]:
    """Read the weights; those that are stored as float16 are used as float32."""
    data, offset, constants = values.read_bytes(), 0, {}
    for weight in listed:
        stored = np.dtype(weight.get("quantization", weight)["dtype"])
        count = int(np.prod(weight["shape"], dtype=np.int64))
        if offset + count * stored.itemsize > len(data):
            raise BuildError(f"{values} ends after {len(data)} bytes, before {weight['name']}")
        array = np.frombuffer(data, stored, count, offset).reshape(weight["shape"])
        constants[weight["name"]] = array.astype(weight["dtype"])
        offset += count * stored.itemsize
    if offset != len(data):
        raise BuildError(f"{values} has {len(data)} bytes, its graph lists {offset}")
    return constants


def _source(name: str) -> str:
    """Name the node that an input comes from; ``node:1`` is its second output."""
    return name.partition(":")[0]


def _numbers(node: Node, key: str) -> list[int]:
    return [int(value) for value in node["attr"][key]["list"]["i"]]


class _Conversion:
    """One graph on its way: constants by name, and what has been converted so far."""

    def __init__(self, constants: dict[str, Array]) -> None:
        self._constants = constants
        self._nodes: list[Any] = []
        self._initializers: dict[str, Array] = {}

    def convert(self, nodes: list[Node]) -> Any:
        from onnx import TensorProto, helper, numpy_helper

        by_name = {node["name"]: node for node in nodes}
        before = {name: [_source(i) for i in node.get("input", [])] for name, node in by_name.items()}
        inputs, outputs = [], []
        for name in TopologicalSorter(before).static_order():
            node = by_name[name]
            if node["op"] == "Placeholder":
                shape = [int(length["size"]) for length in node["attr"]["shape"]["shape"]["dim"]]
                inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
            elif node["op"] != "Const" and not self._fold(node):
                self._translate(node)
                if node["op"] == "Identity":
                    outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
        values = [numpy_helper.from_array(array, name) for name, array in self._initializers.items()]
        graph = helper.make_graph(self._nodes, "graph_model", inputs, outputs, values)
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION
        )

    def _fold(self, node: Node) -> bool:
        """Compute what constants alone decide; say whether it was so."""
        operator, names = node["op"], node.get("input", [])
        if not names or any(name not in self._constants for name in names):
            return False
        first = self._constants[names[0]]
        if operator in {"Add", "AddV2"}:
            self._constants[node["name"]] = first + self._constants[names[1]]
        elif operator == "SparseToDense" and not first.size:
            shape, filling = self._constants[names[1]], self._constants[names[3]]
            self._constants[node["name"]] = np.full(shape, filling)
        else:
            raise BuildError(f"graph model: {operator} of constants ({node['name']}) is not known here")
        return True

    def _translate(self, node: Node) -> None:
        """Add the ONNX nodes that do what this one does."""
        name, operator = node["name"], node["op"]
        first, *others = node["input"]
        match operator:
            case "Add" | "AddV2":
                self._add("Add", [self._value(first), self._value(others[0])], name)
            case "Sigmoid" | "Identity":
                self._add(operator, [first], name)
            case "LeakyRelu":
                self._add(operator, [first], name, alpha=node["attr"]["alpha"]["f"])
            case "Transpose":
                self._add(operator, [first], name, perm=self._constants[others[0]].tolist())
            case "ConcatV2":
                self._add("Concat", [first, *others[:-1]], name, axis=int(self._constants[others[-1]]))
            case "Reshape":
                self._add("Reshape", [first, self._integers(others[0])], name)
            case "SplitV":
                sizes, axis = self._integers(others[0]), int(self._constants[others[1]])
                pieces = [name, *(f"{name}:{i}" for i in range(1, len(self._constants[others[0]])))]
                self._add("Split", [first, sizes], *pieces, axis=axis)
            case "Pad" | "PadV2":
                widths = self._constants[others[0]].T.reshape(-1)
                filling = [self._value(filled) for filled in others[1:]]
                self._add(
                    "Pad", [first, self._initializer(f"{name}/widths", widths, np.int64), *filling], name
                )
            case "Conv2D":
                self._check_valid(node)
                kernel = self._constants[others[0]].transpose(3, 2, 0, 1)
                values = self._initializer(f"{name}/kernel", kernel, np.float32)
                self._channels_first("Conv", first, [values], name, strides=_numbers(node, "strides")[1:3])
            case "MaxPool":
                self._check_valid(node)
                window, strides = _numbers(node, "ksize")[1:3], _numbers(node, "strides")[1:3]
                self._channels_first("MaxPool", first, [], name, kernel_shape=window, strides=strides)
            case "ResizeBilinear" if node["attr"]["half_pixel_centers"]["b"]:
                self._resize(first, self._constants[others[0]], name)
            case _:
                raise BuildError(f"graph model: the operator {operator} ({name}) is not known here")

    def _check_valid(self, node: Node) -> None:
        """Refuse padding inside an operator, and other layouts than channels last."""
        padding, layout = (
            base64.b64decode(node["attr"][key]["s"]).decode() for key in ("padding", "data_format")
        )
        if (padding, layout) != ("VALID", "NHWC"):
            raise BuildError(f"graph model: {node['name']} has padding {padding} and layout {layout}")

    def _resize(self, first: str, size: Array, name: str) -> None:
        """Resize to fixed rows and columns; batch and channels stay what they are."""
        self._add("Transpose", [first], f"{name}/first", perm=_CHANNELS_FIRST)
        self._add("Shape", [f"{name}/first"], f"{name}/front", end=2)
        sides = self._initializer(f"{name}/sides", size, np.int64)
        self._add("Concat", [f"{name}/front", sides], f"{name}/shape", axis=0)
        self._add("Resize", [f"{name}/first", "", "", f"{name}/shape"], f"{name}/out", mode="linear")
        self._add("Transpose", [f"{name}/out"], name, perm=_CHANNELS_LAST)

    def _channels_first(
        self, operator: str, first: str, values: list[str], name: str, **attributes: Any
    ) -> None:
        """Run an operator that ONNX has for channels first alone."""
        self._add("Transpose", [first], f"{name}/first", perm=_CHANNELS_FIRST)
        self._add(operator, [f"{name}/first", *values], f"{name}/out", **attributes)
        self._add("Transpose", [f"{name}/out"], name, perm=_CHANNELS_LAST)

    def _value(self, name: str) -> str:
        """Give the name of an input, made a value of the graph where it is a constant."""
        if name in self._constants:
            return self._initializer(name, self._constants[name], np.float32)
        return name

    def _integers(self, name: str) -> str:
        return self._initializer(f"{name}/integers", self._constants[name], np.int64)

    def _initializer(self, name: str, values: Array, kind: type[np.generic]) -> str:
        self._initializers[name] = np.ascontiguousarray(values, dtype=kind)
        return name

    def _add(self, operator: str, inputs: list[str], *outputs: str, **attributes: Any) -> None:
        from onnx import helper

        self._nodes.append(helper.make_node(operator, inputs, list(outputs), **attributes))
