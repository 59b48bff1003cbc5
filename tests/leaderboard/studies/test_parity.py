"""Two forms of one method: equal, rounded, slightly wrong, too wrong; the layer where it begins."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from df8k import leaderboard
from df8k.baselines import MethodCard, MethodFailedError
from df8k.baselines.adapters.layers import compare_layers, first_difference
from df8k.cli import cli
from df8k.leaderboard.studies.parity import compare_forms
from df8k.leaderboard.studies.parity_report import as_json, cells, change_cells, passed


class Form:
    def __init__(self, change=lambda values: values, failing=()):
        self.card = MethodCard(name="form", version="1", summary="s", source="tests", licence="none")
        self.change, self.failing = change, failing

    def __call__(self, image, mask):
        y, x = np.mgrid[: mask.shape[0], : mask.shape[1]]
        wave = 128 + 100 * np.sin(x / 7 + y / 11)[..., None] * np.array([1.0, 0.8, 0.6])
        out = image.copy()
        out[mask] = np.clip(np.rint(self.change(wave)), 0, 255)[mask]
        return out


def compared(dataset, change, **options):
    plan = leaderboard.Evaluation(sizes=[64], metrics=("l1", "psnr"))
    (outcome,) = compare_forms(Form(), Form(change, **options), dataset, plan)
    return outcome


def rounding(values):
    return values + np.where(np.indices(values.shape).sum(axis=0) % 97 == 0, 1, 0)


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (lambda values: values, "equal"),
        (rounding, "rounding"),
        (lambda values: 1.01 * (values - 128) + 128, "differs"),
        (lambda values: values + 1, "differs"),
        (lambda values: values + 3, "below the gate"),
    ],
    ids=["equal", "rounding", "1 % of contrast", "a grey level", "three grey levels"],
)
def test_each_difference_gets_its_verdict(dataset, change, verdict):
    outcome = compared(dataset, change)
    assert outcome.verdict == verdict, outcome
    assert passed([outcome]) == (verdict != "below the gate")


def test_the_psnr_is_that_of_the_pixels_of_the_holes(dataset):
    outcome = compared(dataset, lambda values: values + 2)
    assert outcome.psnr_db == pytest.approx(20 * np.log10(255 / 2))
    assert outcome.offset == pytest.approx(2)
    assert outcome.worst.psnr_db == pytest.approx(outcome.psnr_db)
    assert compared(dataset, lambda values: 1.01 * (values - 128) + 128).gain == pytest.approx(1.01, abs=2e-3)


def test_changes_of_metrics_are_tested_in_pairs(dataset):
    outcome = compared(dataset, lambda values: values + 40)
    changes = {change.key: change for change in outcome.changes}
    assert changes["l1.hole"].candidate != changes["l1.hole"].reference
    assert changes["l1.hole"].low is None  # six images have no interval
    assert all(change.p == 1 for change in compared(dataset, lambda values: values).changes)
    assert len(change_cells([outcome])) == len(changes)
    assert "BELOW 40 dB" in cells([outcome])[0][-1]
    assert as_json([outcome])["passed"] is False


onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")


def written(path, planted=1.0):
    """Writes three convolutions and a sigmoid; the second one's kernels are multiplied."""
    generator = np.random.default_rng(5)
    shapes = {"first": (8, 4, 3, 3), "second": (8, 8, 3, 3), "third": (3, 8, 3, 3)}
    tensors, nodes, name = [], [], "stacked"
    for layer, shape in shapes.items():
        kernel = generator.normal(0, 0.3, shape) * (planted if layer == "second" else 1.0)
        tensors.append(onnx.numpy_helper.from_array(kernel.astype(np.float32), f"{layer}.weight"))
        nodes.append(
            onnx.helper.make_node("Conv", [name, f"{layer}.weight"], [layer], name=layer, pads=[1, 1, 1, 1])
        )
        name = layer
    pair = onnx.helper.make_node("Concat", ["image", "mask"], ["stacked"], name="stack", axis=1)
    end = onnx.helper.make_node("Sigmoid", [name], ["filled"], name="squash")
    value = onnx.helper.make_tensor_value_info
    inputs = [
        value("image", 1, [1, 3, "height", "width"]),
        value("mask", 1, [1, 1, "height", "width"]),
    ]
    outputs = [value("filled", 1, [1, 3, "height", "width"])]
    graph = onnx.helper.make_graph([pair, *nodes, end], "net", inputs, outputs, tensors)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path


def test_a_planted_error_of_one_percent_in_one_layer_is_found(tmp_path, dataset):
    good, bad = written(tmp_path / "good.onnx"), written(tmp_path / "bad.onnx", planted=1.01)
    assert first_difference(compare_layers(good, good)) is None
    layer = first_difference(compare_layers(good, bad))
    assert layer.name == "second"
    assert layer.error == pytest.approx(0.01, rel=0.01)
    words = ["method", "parity", good, bad, "--data", dataset.root, "--sizes", 64, "--limit", 1, "--json"]
    done = CliRunner().invoke(cli, list(map(str, words)))
    told = json.loads(done.stdout)
    assert told["first_layer"]["name"] == "second"
    assert told["sizes"][0]["verdict"] != "equal"


def test_files_that_cannot_be_run_are_named(tmp_path):
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no network")
    with pytest.raises(MethodFailedError, match="cannot be compared"):
        compare_layers(broken, broken)
