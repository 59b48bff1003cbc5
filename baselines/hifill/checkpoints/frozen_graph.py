"""Reading weights out of a frozen TensorFlow graph (``.pb``) without TensorFlow.

Where the constants kept the names of the checkpoint's variables, they are taken by name. Graphs whose names
were changed are read by structure: each convolution with a constant kernel, in the order of the graph, with
the constant that is added to its result. The kernel shapes must then be those of the generator, one by one.
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from df8k.baselines.base import MethodError

from .names import GENERATOR, Floats
from .wire import fields, numbers

_FLOAT32 = 1
_LARGEST = 1 << 20  # values of the generator's largest tensor, rounded up
_CONVOLUTIONS: Final = frozenset({"Conv2D"})
_ADDITIONS: Final = frozenset({"BiasAdd", "Add", "AddV2"})
_PASSING: Final = frozenset({"Identity", "BatchToSpaceND", "Reshape", "Squeeze"})


@dataclass
class _Node:
    name: str = ""
    operation: str = ""
    inputs: list[str] = field(default_factory=list)
    constant: Floats | None = None


def read_frozen_graph(path: Path) -> dict[str, Floats]:
    """Read the generator's tensors from a frozen graph.

    Args:
        path: a serialised ``GraphDef``.

    Returns:
        Official variable name → float32 array in TensorFlow's layout.

    Raises:
        MethodError: no graph, or not the generator's.
    """
    nodes = _read(path)
    names = [source.tensorflow for source in GENERATOR.values()]
    by_name = {node.name: node.constant for node in nodes.values() if node.constant is not None}
    for prefix in (
        "",
        *(f"{name.removesuffix(names[0])}" for name in by_name if name.endswith("/" + names[0])),
    ):
        if all(prefix + name in by_name for name in names):
            return {name: by_name[prefix + name] for name in names}
    return _by_structure(nodes, path)


def _read(path: Path) -> dict[str, _Node]:
    nodes: dict[str, _Node] = {}
    for number, content in fields(memoryview(path.read_bytes())):
        if number == 1 and isinstance(content, memoryview):
            node = _node(content)
            nodes[node.name] = node
    if not nodes:
        raise MethodError(f"{path} holds no graph nodes: expected a frozen TensorFlow graph")
    return nodes


def _node(data: memoryview) -> _Node:
    node = _Node()
    for number, content in fields(data):
        if not isinstance(content, memoryview):
            continue
        if number == 1:
            node.name = bytes(content).decode()
        elif number == 2:
            node.operation = bytes(content).decode()
        elif number == 3:
            node.inputs.append(bytes(content).decode().split(":")[0].lstrip("^"))
        elif number == 5:
            node.constant = _attribute(content) if node.constant is None else node.constant
    return node


def _attribute(data: memoryview) -> Floats | None:
    """Read the tensor of a node's ``value`` attribute, if it is one and holds float32."""
    parts = dict(fields(data))
    key, value = parts.get(1), parts.get(2)
    if not isinstance(key, memoryview) or bytes(key) != b"value" or not isinstance(value, memoryview):
        return None
    tensor = dict(fields(value)).get(8)
    return _tensor(tensor) if isinstance(tensor, memoryview) else None


def _tensor(data: memoryview) -> Floats | None:
    parts = dict(fields(data))
    if parts.get(1) != _FLOAT32:
        return None
    shape: list[int] = []
    if isinstance(dimensions := parts.get(2), memoryview):
        for number, content in fields(dimensions):
            if number == 2 and isinstance(content, memoryview):
                shape.append(next((numbers(v)[0] for key, v in fields(content) if key == 1), 0))
    if isinstance(stored := parts.get(4), memoryview):
        values = np.frombuffer(stored, "<f4")
    else:  # one value is stored once for the whole tensor, several as a list
        listed = [v for key, v in fields(data) if key == 5]
        raw = b"".join(v.to_bytes(4, "little") if isinstance(v, int) else bytes(v) for v in listed)
        values = np.frombuffer(raw, "<f4")
    count = int(np.prod(shape, dtype=np.int64))
    if len(values) == 1 and 1 < count <= _LARGEST:
        values = np.full(count, values[0])
    if len(values) != count:
        return None
    return values.astype(np.float32).reshape(shape)


def _by_structure(nodes: dict[str, _Node], path: Path) -> dict[str, Floats]:
    consumers: defaultdict[str, list[_Node]] = defaultdict(list)
    for node in nodes.values():
        for name in node.inputs:
            consumers[name].append(node)
    layers: list[tuple[Floats, Floats]] = []
    for node in nodes.values():
        kernel = _constant(nodes, node.inputs[1]) if node.operation in _CONVOLUTIONS else None
        if (
            kernel is None or kernel.ndim != 4 or kernel.shape[2] == 1
        ):  # score fusion and mask blurring have one channel
            continue
        bias = _bias(nodes, consumers, node)
        if bias is None:
            raise MethodError(f"{path}: nothing constant is added to the result of {node.name}")
        layers.append((kernel, bias))
    return _ordered(layers, path)


def _ordered(layers: list[tuple[Floats, Floats]], path: Path) -> dict[str, Floats]:
    sources = list(GENERATOR.values())
    pairs = list(zip(sources[::2], sources[1::2], strict=True))
    expected = [kernel.shape for kernel, _ in pairs]
    shapes = [kernel.shape for kernel, _ in layers]
    if shapes != expected:
        at = next((i for i, (a, b) in enumerate(zip(shapes, expected, strict=False)) if a != b), None)
        detail = (
            f"{len(shapes)} in place of {len(expected)}"
            if at is None
            else (f"number {at} is {json.dumps(shapes[at])} in place of {json.dumps(expected[at])}")
        )
        raise MethodError(f"{path}: the graph's convolutions are not those of HiFill's generator ({detail})")
    tensors: dict[str, Floats] = {}
    for (kernel, bias), (kernel_source, bias_source) in zip(layers, pairs, strict=True):
        tensors[kernel_source.tensorflow], tensors[bias_source.tensorflow] = kernel, bias
    return tensors


def _constant(nodes: dict[str, _Node], name: str) -> Floats | None:
    """Follow a name through identities to its constant."""
    node, seen = nodes.get(name), set[str]()
    while node is not None and node.operation == "Identity" and node.name not in seen:
        seen.add(node.name)
        node = nodes.get(node.inputs[0])
    return None if node is None else node.constant


def _bias(nodes: dict[str, _Node], consumers: dict[str, list[_Node]], node: _Node) -> Floats | None:
    """Find the constant that is added to a convolution's result."""
    queue, seen = list(consumers[node.name]), set[str]()
    while queue:
        after = queue.pop(0)
        if after.name in seen:
            continue
        seen.add(after.name)
        if after.operation in _ADDITIONS:
            constants = [_constant(nodes, name) for name in after.inputs]
            return next((c for c in constants if c is not None), None)
        if after.operation in _PASSING:
            queue.extend(consumers[after.name])
    return None
