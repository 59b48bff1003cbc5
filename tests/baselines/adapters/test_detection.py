"""What an ONNX file tells of itself is read from it; what is declared beside it comes first."""

import json

import numpy as np
import pytest

from baselines import MethodFailedError, open_method

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
FREE = ("height", "width")


def saved(path, inputs, nodes, kind="FLOAT", values=None):
    """Writes a network with named inputs of given shapes; its output is called ``output``."""
    helper, number = onnx.helper, getattr(onnx.TensorProto, kind)
    graph = helper.make_graph(
        [helper.make_node(*node[:-1], **node[-1]) for node in nodes],
        "test",
        [helper.make_tensor_value_info(name, number, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info("output", number, None)],
        [helper.make_tensor(name, number, [1], [value]) for name, value in (values or {}).items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8), path)
    return path


@pytest.fixture
def picture():
    y, x = np.mgrid[0:24, 0:32]
    image = np.stack([x * 7, y * 9, x + y], axis=2).astype(np.uint8)
    mask = (abs(y - 10) < 4) & (abs(x - 15) < 5)
    image[mask] = 0
    return image, mask


ADD = [("Add", ["picture", "hole"], ["output"], {})]


@pytest.mark.parametrize("order", [("picture", "hole"), ("hole", "picture")])
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_order_and_layout_are_read(tmp_path, picture, order, layout):
    def shape(channels):
        return [1, channels, *FREE] if layout == "NCHW" else [1, *FREE, channels]

    shapes = {"picture": shape(3), "hole": shape(1)}
    path = saved(tmp_path / "add.onnx", {name: shapes[name] for name in order}, ADD)
    image, mask = picture
    method = open_method(str(path))
    assert (method.declaration.layout, method.declaration.size) == (layout, None)
    output = method(image, mask)
    assert (output[mask] == 255).all()  # 0 and a mask of 1
    assert np.array_equal(output[~mask], image[~mask])


def test_bytes_are_fed_as_bytes(tmp_path, picture):
    path = saved(
        tmp_path / "bytes.onnx", {"picture": [1, 3, *FREE], "hole": [1, 1, *FREE]}, ADD, kind="UINT8"
    )
    path.with_suffix(".json").write_text(json.dumps({"hole": 255, "known": 0}))
    image, mask = picture
    method = open_method(str(path))
    assert method.declaration.range == (0, 255)
    output = method(image, mask)
    assert (output[mask] == 255).all()
    assert np.array_equal(output[~mask], image[~mask])


def test_four_channels_are_stacked_and_a_fixed_size_is_told(tmp_path, picture):
    split = [("Split", ["both"], ["picture", "hole"], {"axis": 1}), *ADD]
    split[0] = ("Split", ["both", "lengths"], ["picture", "hole"], {"axis": 1})
    helper, types = onnx.helper, onnx.TensorProto
    graph = helper.make_graph(
        [helper.make_node(*node[:-1], **node[-1]) for node in split],
        "test",
        [helper.make_tensor_value_info("both", types.FLOAT, [1, 4, 24, 32])],
        [helper.make_tensor_value_info("output", types.FLOAT, None)],
        [helper.make_tensor("lengths", types.INT64, [2], [3, 1])],
    )
    path = tmp_path / "stacked.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8), path)
    image, mask = picture
    method = open_method(str(path))
    assert (method.declaration.inputs, method.declaration.size) == ("stacked", (24, 32))
    assert (method(image, mask)[mask] == 255).all()
    with pytest.raises(MethodFailedError, match="takes pictures of 32 x 24 alone, this one is 32 x 20"):
        method(image[:20], mask[:20])


def test_what_is_declared_comes_first(tmp_path):
    path = saved(tmp_path / "add.onnx", {"picture": [1, 3, 32, 32], "hole": [1, 1, 32, 32]}, ADD)
    path.with_suffix(".json").write_text(json.dumps({"size": None, "layout": "NHWC"}))
    declaration = open_method(str(path)).declaration
    assert (declaration.size, declaration.layout, declaration.inputs) == (None, "NHWC", "pair")


def test_inputs_that_fit_no_picture_are_named(tmp_path):
    inputs = {"picture": [1, 3, *FREE], "hole": [1, 1, *FREE], "noise": [1, 1, *FREE]}
    nodes = [("Sum", list(inputs), ["output"], {})]
    with pytest.raises(MethodFailedError, match="inputs picture, hole, noise: expected image and mask"):
        open_method(str(saved(tmp_path / "three.onnx", inputs, nodes)))
