"""TensorFlow.js graph models: every operator that is known, run and compared with numpy."""

import base64
import json

import numpy as np
import pytest

from df8k.checks.persons.graph_model import read_graph_model
from df8k.errors import BuildError

onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")

RANDOM = np.random.default_rng(5)
KERNEL = RANDOM.standard_normal((3, 3, 2, 4)).astype(np.float16)
BIAS = RANDOM.standard_normal(4).astype(np.float32)


def text(value):
    return {"s": base64.b64encode(value.encode()).decode()}


def integers(*values):
    return {"list": {"i": [str(value) for value in values]}}


def valid(**attributes):
    return {"padding": text("VALID"), "data_format": text("NHWC"), **attributes}


def network(folder, nodes, constants, sides=(1, 6, 8, 2)):
    """Write a graph model: nodes as (name, operator, inputs, attributes), weights in the order given."""
    shape = {"shape": {"dim": [{"size": str(side)} for side in sides]}}
    described = [{"name": "picture", "op": "Placeholder", "attr": {"shape": shape}}]
    described += [{"name": name, "op": "Const"} for name in constants]
    described += [dict(zip(("name", "op", "input", "attr"), node, strict=True)) for node in nodes]
    weights = []
    for name, array in constants.items():
        entry = {"name": name, "shape": list(array.shape), "dtype": str(array.dtype)}
        if array.dtype == np.float16:
            entry |= {"dtype": "float32", "quantization": {"dtype": "float16"}}
        weights.append(entry)
    model = {"modelTopology": {"node": described[::-1]}, "weightsManifest": [{"weights": weights}]}
    graph, values = folder / "net.json", folder / "net.bin"
    graph.write_text(json.dumps(model))
    values.write_bytes(b"".join(np.ascontiguousarray(array).tobytes() for array in constants.values()))
    return graph, values


def run(graph, values, pixels):
    session = onnxruntime.InferenceSession(
        read_graph_model(graph, values).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"picture": pixels})


@pytest.fixture
def pixels():
    return RANDOM.standard_normal((1, 6, 8, 2)).astype(np.float32)


def one(folder, operator, inputs, attributes, constants, pixels):
    nodes = [
        ("middle", operator, ["picture", *inputs], attributes),
        ("out", "Identity", ["middle"], {}),
    ]
    return run(*network(folder, nodes, constants), pixels)[0]


def test_a_convolution_with_its_bias(tmp_path, pixels):
    attributes = valid(strides=integers(1, 2, 2, 1))
    nodes = [
        ("conv", "Conv2D", ["picture", "kernel"], attributes),
        ("sum", "Add", ["conv", "bias"], {}),
        ("leak", "LeakyRelu", ["sum"], {"alpha": {"f": 0.1}}),
        ("out", "Identity", ["leak"], {}),
    ]
    (result,) = run(*network(tmp_path, nodes, {"kernel": KERNEL, "bias": BIAS}), pixels)
    kernel = KERNEL.astype(np.float32)
    expected = np.empty((1, 2, 3, 4), np.float32)
    for row in range(2):
        for column in range(3):
            window = pixels[0, 2 * row : 2 * row + 3, 2 * column : 2 * column + 3]
            expected[0, row, column] = np.einsum("hwi,hwio->o", window, kernel) + BIAS
    np.testing.assert_allclose(result, np.where(expected < 0, 0.1 * expected, expected), atol=1e-5)


def test_padding_and_the_largest_of_a_window(tmp_path, pixels):
    widths = np.array([[0, 0], [1, 0], [0, 2], [0, 0]], np.int32)
    padded = one(tmp_path, "Pad", ["widths"], {}, {"widths": widths}, pixels)
    np.testing.assert_array_equal(padded, np.pad(pixels, widths))
    filled = one(tmp_path, "PadV2", ["widths", "low"], {}, {"widths": widths, "low": np.float32(-9)}, pixels)
    np.testing.assert_array_equal(filled, np.pad(pixels, widths, constant_values=-9))
    attributes = valid(ksize=integers(1, 2, 2, 1), strides=integers(1, 2, 2, 1))
    largest = one(tmp_path, "MaxPool", [], attributes, {}, pixels)
    np.testing.assert_array_equal(largest, pixels.reshape(1, 3, 2, 4, 2, 2).max(axis=(2, 4)))


def test_what_only_moves_values(tmp_path, pixels):
    permutation = np.array([0, 3, 1, 2], np.int32)
    moved = one(tmp_path, "Transpose", ["order"], {}, {"order": permutation}, pixels)
    np.testing.assert_array_equal(moved, pixels.transpose(permutation))
    joined = one(tmp_path, "ConcatV2", ["picture", "axis"], {}, {"axis": np.int32(2)}, pixels)
    np.testing.assert_array_equal(joined, np.concatenate([pixels, pixels], axis=2))
    squashed = one(tmp_path, "Sigmoid", [], {}, {}, pixels)
    np.testing.assert_allclose(squashed, 1 / (1 + np.exp(-pixels)), rtol=1e-5)


def test_a_shape_that_constants_add_up_to_and_both_pieces_of_a_split(tmp_path, pixels):
    nothing = {"where": np.zeros((0, 1), np.int32), "values": np.zeros(0, np.int32)}
    constants = nothing | {
        "length": np.array([2], np.int32),
        "zero": np.int32(0),
        "shape": np.array([6, 16], np.int32),
        "sizes": np.array([3, 5], np.int32),
        "axis": np.int32(2),
    }
    nodes = [
        ("zeros", "SparseToDense", ["where", "length", "values", "zero"], {}),
        ("sides", "AddV2", ["shape", "zeros"], {}),
        ("pieces", "SplitV", ["picture", "sizes", "axis"], {}),
        ("back", "ConcatV2", ["pieces:1", "pieces", "axis"], {}),
        ("flat", "Reshape", ["back", "sides"], {}),
        ("out", "Identity", ["flat"], {}),
    ]
    (result,) = run(*network(tmp_path, nodes, constants), pixels)
    expected = np.concatenate([pixels[:, :, 3:], pixels[:, :, :3]], axis=2).reshape(6, 16)
    np.testing.assert_array_equal(result, expected)


def test_a_resize_keeps_half_pixel_centres(tmp_path):
    ramp = np.arange(8, dtype=np.float32)[None, None, :, None] * np.ones((1, 6, 1, 2), np.float32)
    attributes = {"half_pixel_centers": {"b": True}}
    size = {"size": np.array([3, 4], np.int32)}
    half = one(tmp_path, "ResizeBilinear", ["size"], attributes, size, ramp)
    np.testing.assert_allclose(half[0, 0, :, 0], [0.5, 2.5, 4.5, 6.5])
    assert half.shape == (1, 3, 4, 2)


@pytest.mark.parametrize(
    ("operator", "attributes"),
    [
        ("Softmax", {}),
        ("ResizeBilinear", {"half_pixel_centers": {"b": False}}),
        ("Conv2D", {"padding": text("SAME"), "data_format": text("NHWC")}),
    ],
)
def test_what_is_not_known_is_refused_by_name(tmp_path, operator, attributes):
    nodes = [("odd", operator, ["picture", "kernel"], attributes), ("out", "Identity", ["odd"], {})]
    with pytest.raises(BuildError, match="odd"):
        read_graph_model(*network(tmp_path, nodes, {"kernel": KERNEL}))


@pytest.mark.parametrize(("change", "finding"), [(b"+", "its graph lists"), (None, "before kernel")])
def test_values_of_another_length_are_refused(tmp_path, change, finding):
    graph, values = network(tmp_path, [("out", "Identity", ["picture"], {})], {"kernel": KERNEL})
    data = values.read_bytes()
    values.write_bytes(data + change if change else data[:-1])
    with pytest.raises(BuildError, match=finding):
        read_graph_model(graph, values)
