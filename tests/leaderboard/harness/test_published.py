"""LaMa and MI-GAN as they are published, by stand-ins of the same signature, through ``df8k evaluate``."""

import json

import pytest
from click.testing import CliRunner

from df8k.cli import cli
from leaderboard.results.schema import read_result

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
torch = pytest.importorskip("torch")


class Lama(torch.nn.Module):
    """Image and mask from 0 to 1, 1 = missing."""

    def forward(self, image, mask):
        return image * (1 - mask) + 0.5 * mask


class MiGan(torch.nn.Module):
    """Mask less a half (known 0.5) and image from -1 to 1, zeroed in the hole, in one tensor."""

    def forward(self, x):
        known, image = x[:, :1] + 0.5, x[:, 1:]
        return image * known + 0.0 * (1 - known)


class LamaBytes(Lama):
    def forward(self, image, mask):
        return super().forward(image, mask) * 255


class MiGanPipeline(torch.nn.Module):
    """Bytes, 255 = known."""

    def forward(self, image, mask):
        known = (mask > 127).to(torch.uint8)
        return image * known + 127 * (1 - known)


def exported(path, module, names, channels, dtype=torch.float32, side=64):
    example = tuple(torch.zeros(1, count, side, side, dtype=dtype) for count in channels)
    if path.suffix == ".pt":
        torch.jit.trace(module, example).save(path)
        return
    torch.onnx.export(
        module, example, path, input_names=names, output_names=["output"], opset_version=17, dynamo=False
    )


MODELS = {
    "lama-onnx": (LamaBytes(), ["image", "mask"], (3, 1), torch.float32),
    "lama-torchscript": (Lama(), ["image", "mask"], (3, 1), torch.float32),
    "migan-onnx": (MiGan(), ["input"], (4,), torch.float32),
    "migan-pipeline-onnx": (MiGanPipeline(), ["image", "mask"], (3, 1), torch.uint8),
    "migan-torchscript": (MiGan(), ["x"], (4,), torch.float32),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("convention", MODELS)
def test_published_conventions_are_declared_by_one_word(convention, dataset, tmp_path):
    module, names, channels, dtype = MODELS[convention]
    path = tmp_path / ("model.onnx" if "onnx" in convention else "model.pt")
    exported(path, module, names, channels, dtype)
    declaration = {"like": convention}
    if convention == "migan-torchscript":
        declaration["size"] = [64, 64]  # the published file takes 512
    path.with_suffix(".json").write_text(json.dumps(declaration))
    out = tmp_path / "result.json"
    arguments = ["--data", dataset.root, "--sizes", "64", "--metrics", "l1", "--limit", "2", "--out", out]
    done = CliRunner().invoke(cli, ["evaluate", "--method", str(path), *map(str, arguments)])
    assert done.exit_code == 0, done.output
    (measured,) = read_result(out).sizes
    assert measured.n == 2
    assert measured.known_drift.mean < 0.6
    assert "warning" not in done.output
    check = CliRunner().invoke(cli, ["method", "check", str(path), "--strategy", "resize:64", "--json"])
    assert check.exit_code == 0, check.output


REMEMBERS = """
import time
answers = {}
def load():
    def fill(image, mask):
        key = KEY
        if key not in answers:
            time.sleep(0.8)  # remembered answers may take a quarter of it on a busy machine
            out = image.copy()
            out[mask] = 128
            answers[key] = out
        return answers[key]
    return fill
"""


@pytest.mark.parametrize("key", ["image.tobytes()", "mask.tobytes()", "hash((image.sum(), mask.sum()))"])
def test_a_method_that_remembers_is_timed_at_work_and_flagged(key, dataset, tmp_path):
    path = tmp_path / "method.py"
    path.write_text(REMEMBERS.replace("KEY", key))
    out = tmp_path / "result.json"
    arguments = ["--data", dataset.root, "--sizes", "64", "--metrics", "l1", "--limit", "2", "--out", out]
    done = CliRunner().invoke(cli, ["evaluate", "--method", f"{path}:load", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    assert "the method remembers its answers" in done.stderr
    (measured,) = read_result(out).sizes
    assert measured.latency.median_s > 0.75
    check = CliRunner().invoke(cli, ["method", "check", f"{path}:load", "--json"])
    findings = {item["check"]: item for item in json.loads(check.output)["findings"]}
    assert findings["memory"]["verdict"] == ("broken" if key.startswith("mask") else "note")


COMPILES = """
import time
seen = set()
def load():
    def fill(image, mask):
        if image.shape not in seen:
            seen.add(image.shape)
            time.sleep(0.5)
        out = image.copy()
        out[mask] = 128
        return out
    return fill
"""


def test_each_new_shape_is_warmed_up(dataset, tmp_path):
    path = tmp_path / "method.py"
    path.write_text(COMPILES)
    out = tmp_path / "result.json"
    arguments = ["--data", dataset.root, "--sizes", "64,native", "--metrics", "l1", "--limit", "3"]
    done = CliRunner().invoke(
        cli, ["evaluate", "--method", f"{path}:load", *map(str, arguments), "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    assert all(measured.latency.p90_s < 0.4 for measured in read_result(out).sizes)
    assert "remembers" not in done.stderr
