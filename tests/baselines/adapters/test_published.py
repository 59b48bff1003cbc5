"""Networks as they are published: named inputs, two ranges, several outputs; wrong declarations are told."""

import json

import numpy as np
import pytest

from baselines import MethodFailedError, open_method
from baselines.adapters.declaration import conventions
from baselines.contract import check_method

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
torch = pytest.importorskip("torch")
FREE = ("height", "width")
FLOAT, BYTES, BOOL, INT64 = (getattr(onnx.TensorProto, kind) for kind in ("FLOAT", "UINT8", "BOOL", "INT64"))

# Grey in the hole, the picture elsewhere; the mask is 1 where it is missing.
FILL = """
    missing = Cast <to = 1> (mask)
    inverse = Sub (one, missing)
    kept = Mul (image, inverse)
    grey = Mul (missing, half)
    filled = Add (kept, grey)
"""


def written(path, inputs, body, outputs=("float[1,3,h,w] filled",), declaration=None):
    """Writes an ONNX file from text, and what is declared beside it."""
    text = f"""<ir_version: 8, opset_import: ["": 17]>
    network ({", ".join(inputs)}) => ({", ".join(outputs)})
    <float one = {{1}}, float half = {{0.5019608}}, float white = {{255}}, float zero = {{0}}> {{ {body} }}"""
    model = onnx.parser.parse_model(text)
    used = {name for node in model.graph.node for name in node.input}
    for constant in [item for item in model.graph.initializer if item.name not in used]:
        model.graph.initializer.remove(constant)
    onnx.save(model, path)
    if declaration is not None:
        path.with_suffix(".json").write_text(json.dumps(declaration))
    return str(path)


PAIR = ("float[1,3,h,w] image", "float[1,1,h,w] mask")


@pytest.fixture
def picture():
    y, x = np.mgrid[0:48, 0:64]
    image = np.stack([x * 3 + 20, y * 4 + 10, x + y + 40], axis=2).astype(np.uint8)
    mask = (abs(y - 20) < 8) & (abs(x - 30) < 9)
    image[mask] = 0
    return image, mask


def filled(method, picture):
    """Tells whether the hole became grey and everything else came back."""
    image, mask = picture
    output = method(image, mask)
    return (abs(output[mask].astype(int) - 128) <= 1).all() and np.array_equal(output[~mask], image[~mask])


def findings(method):
    return {finding.check: finding for finding in check_method(method)}


def broken(method):
    return {name: f for name, f in findings(method).items() if f.verdict == "broken"}


def test_input_and_output_have_ranges_of_their_own(tmp_path, picture):
    body = FILL + "bright = Mul (filled, white)"
    outputs = ["float[1,3,h,w] bright"]
    declared = written(tmp_path / "declared.onnx", PAIR, body, outputs, {"output_range": [0, 255]})
    assert filled(open_method(declared), picture)
    assert not broken(open_method(declared))
    like = written(tmp_path / "like.onnx", PAIR, body, outputs, {"like": "lama-onnx"})
    assert filled(open_method(like), picture)
    assert open_method(like).card.name == "lama"
    silent = broken(open_method(written(tmp_path / "silent.onnx", PAIR, body, outputs)))["answer"]
    assert 'black is 0, white 1 as declared: declare "output_range": [0, 255]' in silent.found
    assert "docs/methods.md" in silent.remedy


@pytest.mark.parametrize(
    ("inputs", "order"),
    [
        (("float[b,c,h,w] mask", "float[b,c2,h,w] image"), "swapped"),
        (("float[b,c,h,w] image", "float[b,c2,h,w] image_mask"), "pair"),
        (("float[b,c,h,w] hole", "float[b,c2,h,w] masked_image"), "swapped"),
        (("float[b,c,h,w] x", "float[b,c2,h,w] mask"), "pair"),
        (("float[b,1,h,w] a", "float[b,3,h,w] b"), "swapped"),
        (("float[b,h,w,3] a", "float[b,h,w,1] b"), "pair"),
    ],
)
def test_inputs_are_told_by_name_and_by_shape(tmp_path, inputs, order):
    names = [item.split()[1] for item in inputs]
    body = f"filled = Add ({names[0]}, {names[1]})"
    method = open_method(written(tmp_path / "named.onnx", inputs, body))
    assert method.declaration.inputs == order


def test_an_exchange_is_undone_by_name(tmp_path, picture):
    inputs = ("float[b,c,h,w] mask", "float[b,c2,h,w] image")
    method = open_method(written(tmp_path / "named.onnx", inputs, FILL))
    assert filled(method, picture)
    assert not broken(method)


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        (("float[b,c,h,w] x", "float[b,c2,h,w] y"), 'neither names nor shapes.*declare "inputs"'),
        (("float[b,1,h,w] image", "float[b,3,h,w] mask"), 'the channels of the other: declare "inputs"'),
        (("float[b,c,h,w] image", "string[b] prompt"), "tensor.string.: expected floats or bytes"),
        (("bool[b,c,h,w] image", "float[b,c,h,w] mask"), "expected floats or bytes"),
    ],
)
def test_inputs_that_cannot_be_told_are_refused(tmp_path, inputs, words):
    name = inputs[0].split()[1]
    path = written(tmp_path / "unclear.onnx", inputs, f"filled = Cast <to = 1> ({name})")
    with pytest.raises(MethodFailedError, match=words):
        open_method(path)


@pytest.mark.parametrize(
    "mask", ["bool[1,1,h,w] mask", "int64[1,1,h,w] mask", "uint8[1,h,w] mask", "float[1,3,h,w] mask"]
)
def test_masks_of_other_types_ranks_and_channels_are_fed(tmp_path, picture, mask):
    body = FILL.replace("Cast <to = 1> (mask)", "Cast <to = 1> (mask)")
    assert filled(open_method(written(tmp_path / "mask.onnx", (PAIR[0], mask), body)), picture)


TWO = FILL + "coarse = Mul (filled, half)"


def test_of_several_outputs_one_is_declared(tmp_path, picture):
    outputs = ["float[1,3,h,w] coarse", "float[1,3,h,w] filled"]
    with pytest.raises(MethodFailedError, match=r'outputs coarse, filled: declare .* "output": "filled"'):
        open_method(written(tmp_path / "two.onnx", PAIR, TWO, outputs))
    for chosen in ("filled", 1):
        path = written(tmp_path / "two.onnx", PAIR, TWO, outputs, {"output": chosen})
        assert filled(open_method(path), picture)
    with pytest.raises(MethodFailedError, match="no output 'fine': its outputs are coarse, filled"):
        open_method(written(tmp_path / "two.onnx", PAIR, TWO, outputs, {"output": "fine"}))
    with pytest.raises(MethodFailedError, match="no output 2"):
        open_method(written(tmp_path / "two.onnx", PAIR, TWO, outputs, {"output": 2}))


def test_an_output_with_a_picture_s_channels_needs_no_word(tmp_path, picture):
    outputs = ["float[1,1,h,w] missing", "float[1,3,h,w] filled"]
    assert filled(open_method(written(tmp_path / "one.onnx", PAIR, FILL, outputs)), picture)


class Network(torch.nn.Module):
    def __init__(self, form):
        super().__init__()
        self.form = form

    def forward(self, image, mask):
        fine = image * (1 - mask) + 0.50196078 * mask
        coarse = fine / 2
        if self.form == "one":
            return (fine,)
        if self.form == "dictionary":
            return {"coarse": coarse, "fine": fine}
        return (coarse, fine) if self.form == "tuple" else [coarse, (fine, coarse)]


class Exchanged(torch.nn.Module):
    def forward(self, mask, image):
        return image * (1 - mask) + 0.50196078 * mask


def traced(path, module, declaration=None, channels=(3, 1)):
    example = tuple(torch.zeros(1, count, 16, 16) for count in channels)
    torch.jit.trace(module, example, strict=False).save(path)
    path.with_suffix(".json").write_text(json.dumps(declaration or {}))
    return str(path)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("form", "declaration"),
    [("one", {}), ("tuple", {"output": 1}), ("dictionary", {"output": "fine"})],
)
def test_torchscript_outputs_are_chosen(tmp_path, picture, form, declaration):
    assert filled(open_method(traced(tmp_path / "net.pt", Network(form), declaration)), picture)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("form", "declaration", "words"),
    [
        ("tuple", {}, r'several outputs \(0: \(1, 3, 48, 64\), 1: .*declare .* "output": 0'),
        ("dictionary", {}, r'coarse: \(1, 3, 48, 64\), fine: .* "output": "coarse"'),
        ("dictionary", {"output": "fin"}, "no output 'fin' but coarse, fine"),
        ("tuple", {"output": 2}, "no output 2 but 0, 1"),
    ],
)
def test_torchscript_outputs_that_cannot_be_chosen_are_refused(tmp_path, picture, form, declaration, words):
    method = open_method(traced(tmp_path / "net.pt", Network(form), declaration))
    with pytest.raises(MethodFailedError, match=words) as caught:
        method(*picture)
    assert caught.value.kind == "wrong-output"


@pytest.mark.filterwarnings("ignore")
def test_torchscript_arguments_are_told_by_name(tmp_path, picture):
    path = traced(tmp_path / "exchanged.pt", Exchanged(), channels=(1, 3))
    assert filled(open_method(path), picture)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("scale", "shift", "declaration", "words"),
    [
        (255.0, 0.0, {}, '"output_range": [0, 255]'),
        (2.0, -1.0, {}, "[-1, 1]"),
        (0.5, 0.5, {}, "white as 255"),
        (1.0, 0.0, {"output_range": [-1, 1]}, "white as 255"),
        (1.0, 0.0, {"output_range": [0, 255]}, "0 or 1"),
        (1.0, 0.0, {"range": [0, 255]}, "0 or 1"),
        (1.0, 0.0, {"range": [-1, 1], "output_range": [0, 1]}, "[-1, 1]"),
        (0.0, 1.0, {}, "white"),
        (0.0, 0.0, {}, "black"),
        (0.25, 0.1, {}, "black comes back as"),
        (1.0, 0.0, {"hole": 0}, "invert the mask"),
        (1.0, 0.0, {"inputs": "swapped"}, '"inputs"'),
        (1.0, 0.0, {"colours": "BGR", "layout": "NHWC"}, "refuses"),
    ],
)
def test_each_wrong_declaration_is_told(tmp_path, scale, shift, declaration, words):
    class Scaled(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.sight = torch.nn.Conv2d(4, 3, 1)

        def forward(self, image, mask):
            seen = 0 * self.sight(torch.cat([image, mask], dim=1))  # refuses other channels
            return (image * (1 - mask) + 0.5 * mask + seen) * scale + shift

    if declaration.get("range") == [0, 255]:
        declaration = declaration | {"output_range": [0, 65025]}
    path = traced(tmp_path / "net.pt", Scaled(), declaration)
    told = broken(open_method(path))
    assert any(words in f"{finding.found} {finding.remedy}" for finding in told.values()), told


def test_declarations_that_are_none_are_refused(tmp_path):
    for declaration, words in (
        ({"like": "lama"}, "lama-onnx, lama-torchscript"),
        ({"output_range": [0]}, "output_range"),
        ({"inputs": "sideways"}, "inputs"),
        ({"output": 1.5}, "output"),
    ):
        with pytest.raises(MethodFailedError, match=words):
            open_method(written(tmp_path / "no.onnx", PAIR, FILL, declaration=declaration))


def test_conventions_are_declared_in_a_file_each():
    assert conventions() == [
        "lama-onnx",
        "lama-torchscript",
        "migan-onnx",
        "migan-pipeline-onnx",
        "migan-torchscript",
    ]
