"""Methods that strangers bring, by the commands they would type: each ends as documented, no run is lost."""

import json
import os
import subprocess
import sys
import textwrap
import venv
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from df8k.cli import cli
from leaderboard.protocol.task import square_task
from leaderboard.results.schema import read_result

COUNT = 4  # images of the run


def df8k(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], prog_name="df8k")


@pytest.fixture
def evaluated(dataset, tmp_path):
    """Runs ``df8k evaluate`` on a method; gives the result of its only size and what was printed."""

    def evaluate(spec, *options, size=64):
        out = tmp_path / "out" / "result.json"
        out.parent.mkdir(exist_ok=True)
        arguments = ["--sizes", size, "--limit", COUNT, "--metrics", "l1,psnr", "--overwrite", *options]
        found = df8k("evaluate", "--method", spec, "--data", dataset.root, "--out", out, *arguments)
        assert out.exists(), found.output
        result = read_result(out)
        (part,) = result.sizes
        assert part.n + sum(part.failures.values()) == COUNT  # nothing is lost
        assert found.exit_code == (1 if part.failures else 0), found.output
        return part, result, found.stderr

    return evaluate


def written(folder, text, name="method.py"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text))
    return path


@pytest.fixture
def repository(tmp_path):
    """A stranger's repository; its modules have the names of ours."""
    folder = tmp_path / "repository"
    written(
        folder, "from masks.tools import HALF\ndef grey(image): return image.dtype.type(HALF)", "metrics.py"
    )
    written(folder, "", "masks/__init__.py")
    written(folder, "HALF = 128", "masks/tools.py")
    written(
        folder,
        """
        import numpy, metrics

        class Grey:
            card = {"name": "grey", "version": numpy.__version__}
            def __call__(self, image, mask):
                image[mask] = metrics.grey(image)
                return image

        load = Grey
        """,
    )
    return folder


def expected_l1(dataset, fill=128, size=64):
    """Error of a constant in the hole, computed apart."""
    tasks = [square_task(sample, size) for sample in dataset[:COUNT]]
    return np.mean([np.abs(task.target[task.mask].astype(float) - fill).mean() / 255 for task in tasks])


def test_a_good_method_keeps_its_own_modules(evaluated, repository, dataset):
    part, result, stderr = evaluated(f"{repository}/method.py:load")
    assert part.metrics["l1.hole"].mean == pytest.approx(expected_l1(dataset), rel=1e-12)
    assert part.known_drift.mean == 0
    assert (result.method.name, result.method.version) == ("grey", np.__version__)
    assert "warning" not in stderr


def environment(folder, packages):
    """A virtual environment without pip whose packages are those of a folder."""
    venv.create(folder, with_pip=False)
    next(folder.glob("lib/python*/site-packages")).joinpath("more.pth").write_text(f"{packages}\n")
    return folder / "bin" / "python"


def test_a_good_method_runs_on_its_own_older_numpy(evaluated, repository, dataset, tmp_path):
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--only-binary=:all:"]
    options = ["--retries", "0", "--timeout", "5", "--target", str(tmp_path / "older"), "numpy<2"]
    done = subprocess.run([*command, *options], check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no older numpy without the network: {done.stderr.strip()[-200:]}")
    python = environment(tmp_path / "environment", tmp_path / "older")
    part, result, _ = evaluated(f"{repository}/method.py:load", "--python", python)
    assert result.method.version.startswith("1.")
    assert part.metrics["l1.hole"].mean == pytest.approx(expected_l1(dataset), rel=1e-12)


BAD = """
    import hashlib, os, pathlib, time
    import numpy as np

    SEEN = pathlib.Path(__file__).with_name("seen.txt")  # outlives the process

    def number(image):
        "Which image of the run this is, from 1."
        key = hashlib.sha256(image.tobytes()).hexdigest()
        seen = SEEN.read_text().split() if SEEN.exists() else []
        if key not in seen:
            seen.append(key)
            SEEN.write_text(" ".join(seen))
        return seen.index(key) + 1

    def load():
        def inpaint(image, mask):
            image[mask] = 128
            {body}
            return image
        return inpaint
"""


@pytest.mark.parametrize(
    ("body", "failures", "words"),
    [
        ("number(image) == 3 and os.abort()", {"crash": 1}, "SIGABRT"),
        ("number(image) == 3 and os.kill(os.getpid(), 9)", {"crash": 1}, "when memory runs out"),
        ("number(image) == 2 and time.sleep(60)", {"timeout": 1}, "no answer within 2 s"),
        (
            "image = [np.ones(2**25, np.uint8) for _ in range(2048)] if number(image) == 1 else image",
            {"out-of-memory": 1},
            "0.4 GiB allowed",
        ),
        ("if number(image) == 4: raise RuntimeError('a bug')", {"error": 1}, "RuntimeError: a bug"),
        ("image = image / np.float32(255)", {"wrong-output": 4}, "float32 (64, 64, 3) with values from 0"),
        ("image = np.where(mask[..., None], np.nan, image)", {"wrong-output": 4}, "of them not finite"),
        ("image = image[:-1]", {"wrong-output": 4}, "(63, 64, 3), expected uint8 (64, 64, 3)"),
    ],
)
def test_a_bad_method_fails_on_its_images_alone(evaluated, dataset, tmp_path, body, failures, words):
    path = written(tmp_path / "bad", BAD.format(body=body))
    part, _, _ = evaluated(
        f"{path}:load", "--timeout", 2 if "timeout" in failures else 60, "--memory-limit", 0.4
    )
    assert part.failures == failures
    import pyarrow.parquet as pq

    rows = pq.read_table(tmp_path / "out" / "result.parquet").to_pylist()
    failed = [row for row in rows if row["status"] != "ok"]
    assert all(words in row["error"] for row in failed), failed
    if part.n:
        ids = {row["id"] for row in rows if row["status"] == "ok"}
        tasks = [square_task(sample, 64) for sample in dataset if sample.id in ids]
        wanted = [np.abs(task.target[task.mask].astype(float) - 128).mean() / 255 for task in tasks]
        assert part.metrics["l1.hole"].mean == pytest.approx(np.mean(wanted), rel=1e-12)


def test_exchanged_channels_are_scored_doubted_and_named(evaluated, tmp_path, monkeypatch):
    path = written(tmp_path / "bgr", BAD.format(body="image = image[..., ::-1]"))
    part, _, stderr = evaluated(f"{path}:load")
    assert part.failures == {}
    assert "changed known pixels" in stderr
    assert "df8k method check" in stderr
    monkeypatch.setenv("COLUMNS", "200")
    found = df8k("method", "check", f"{path}:load")
    assert found.exit_code == 1
    assert "red and blue exchanged (BGR)" in found.stdout


PEEK = """
    import json, os, pathlib, sys

    def load():
        def inpaint(image, mask):
            targets, contents = [], b""
            for number in os.listdir("/proc/self/fd"):
                try:
                    targets.append(os.readlink("/proc/self/fd/" + number))
                    contents += os.pread(int(number), 10**7, 0)
                except OSError:
                    pass  # a pipe
            for name in pathlib.Path("/dev/shm").rglob("*"):
                try:
                    contents += name.read_bytes()
                except OSError:
                    pass  # a folder, or somebody else's
            here = pathlib.Path(__file__).parent
            told = [os.getcwd(), sys.argv, sys.path, dict(os.environ), targets, os.listdir(os.getcwd())]
            (here / "told.json").write_text(json.dumps(told))
            with (here / "contents.bin").open("ab") as file:
                file.write(contents)  # of every call: all but one see altered pictures
            return image
        return inpaint
"""


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="looks into /proc")
def test_a_method_that_peeks_finds_no_original(evaluated, dataset, tmp_path, monkeypatch):
    monkeypatch.chdir(dataset.root)  # evaluated from inside the dataset, of all places
    path = written(tmp_path / "peek", PEEK)
    part, _, _ = evaluated(f"{path}:load")
    assert part.n == COUNT
    text = (path.parent / "told.json").read_text()
    cwd, _argv, _path, _environment, targets, beside = json.loads(text)
    assert str(dataset.root) not in text
    assert str(tmp_path / "out") not in text
    assert Path(cwd) == path.parent
    assert set(beside) <= {"method.py", "__pycache__", "told.json", "contents.bin"}
    assert all(
        target.startswith(("/memfd:", "pipe:", "socket:", "/dev/", "/proc/")) or "(deleted)" in target
        for target in targets
    )
    contents = (path.parent / "contents.bin").read_bytes()
    last = square_task(dataset[COUNT - 1], 64)
    assert last.method_input()[0].tobytes() in contents  # what it was given was looked at
    for sample in dataset[:COUNT]:
        task = square_task(sample, 64)
        row, start = next(
            (y, x)
            for y in range(64)
            for x in range(56)
            if task.mask[y, x : x + 8].all() and task.target[y, x : x + 8].std() > 0
        )
        assert task.target[row, start : start + 8].tobytes() not in contents


def test_a_command_that_peeks_finds_no_original(evaluated, dataset, tmp_path, monkeypatch):
    monkeypatch.chdir(dataset.root)
    script = written(
        tmp_path / "peek",
        """
        { pwd; env; ls; ls "$(dirname "$1")"; echo "$@"; ls -l /proc/self/fd; } > told.txt
        cp "$1" "$3"
        """,
        "peek.sh",
    )
    part, result, _ = evaluated(f"cmd:sh {script} {{image}} {{mask}} {{output}}")
    assert (part.n, result.method.name) == (COUNT, "peek")
    assert part.metrics["l1.hole"].mean == pytest.approx(expected_l1(dataset, fill=0), rel=1e-12)
    told = (script.parent / "told.txt").read_text()
    assert str(script.parent) in told
    assert str(dataset.root) not in told
    assert str(tmp_path / "out") not in told


def test_a_shell_command_is_scored(evaluated, dataset, tmp_path):
    fill = "import sys; from PIL import Image; p = Image.open(sys.argv[1])\n"
    fill += "p.paste((128, 128, 128), mask=Image.open(sys.argv[2])); p.save(sys.argv[3])"
    written(tmp_path / "command", fill, "fill.py")
    script = written(tmp_path / "command", f'{sys.executable} fill.py "$@"', "fill.sh")
    part, _, _ = evaluated(f"cmd:sh {script} {{image}} {{mask}} {{output}}")
    assert part.metrics["l1.hole"].mean == pytest.approx(expected_l1(dataset), rel=1e-12)


def network(path, *, hole, side=None):
    """Writes an ONNX network that puts 128/255 where the mask has the value ``hole``."""
    onnx = pytest.importorskip("onnx")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    height, width = (side, side) if side else ("height", "width")
    weight = [helper.make_node("Sub", ["one", "mask"], ["known"])]
    fill, keep = ("mask", "known") if hole == 1 else ("known", "mask")
    nodes = [
        *weight,
        helper.make_node("Mul", ["image", keep], ["kept"]),
        helper.make_node("Mul", ["grey", fill], ["filled"]),
        helper.make_node("Add", ["kept", "filled"], ["output"]),
    ]
    values = {"one": 1.0, "grey": 128 / 255}
    graph = helper.make_graph(
        nodes,
        "grey",
        [
            helper.make_tensor_value_info("image", kind, [1, 3, height, width]),
            helper.make_tensor_value_info("mask", kind, [1, 1, height, width]),
        ],
        [helper.make_tensor_value_info("output", kind, [1, 3, height, width])],
        [helper.make_tensor(name, kind, [1], [value]) for name, value in values.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, path)
    return path


def test_an_inverted_mask_is_mended_by_declaring_it_and_named_otherwise(evaluated, dataset, tmp_path):
    pytest.importorskip("onnxruntime")
    path = network(tmp_path / "inverted.onnx", hole=0)
    _, _, stderr = evaluated(path)
    assert "changed known pixels" in stderr
    found = df8k("method", "check", "--json", path)
    assert found.exit_code == 1
    broken = {row["check"]: row for row in json.loads(found.stdout)["findings"] if row["verdict"] == "broken"}
    assert "the hole kept" in broken["polarity"]["found"]
    assert "declare it beside the network" in broken["polarity"]["remedy"]
    path.with_suffix(".json").write_text('{"hole": 0}')
    assert df8k("method", "check", path).exit_code == 0
    part, _, stderr = evaluated(path)
    assert part.metrics["l1.hole"].mean == pytest.approx(expected_l1(dataset), rel=1e-12)
    assert "warning" not in stderr


def test_a_network_of_one_size_asks_for_a_strategy(evaluated, dataset, tmp_path):
    pytest.importorskip("onnxruntime")
    path = network(tmp_path / "fixed.onnx", hole=1, side=32)
    found = df8k("method", "check", "--json", path)
    assert found.exit_code == 1
    assert "give --strategy resize:32, crop:32 or tile:32:4" in found.stdout
    part, _, _ = evaluated(path)
    assert part.failures == {"error": COUNT}
    for strategy in ("resize:32", "crop:32", "tile:32:4"):
        assert df8k("method", "check", path, "--strategy", strategy).exit_code == 0
        part, result, _ = evaluated(path, "--strategy", strategy)
        assert part.failures == {}
        assert result.method.settings["strategy"] == strategy
        assert result.method.settings["working_resolution_px"] == 32
        assert result.method.name == f"fixed-{strategy.replace(':', '-')}"
        assert part.known_drift.mean == 0
        # Where the square is enlarged, the rim of the hole is blended with what is known.
        assert part.metrics["l1.hole"].mean == pytest.approx(expected_l1(dataset), rel=0.2)


@pytest.mark.filterwarnings("ignore")
def test_a_torchscript_network_is_scored(evaluated, dataset, tmp_path):
    import torch

    class Grey(torch.nn.Module):
        def forward(self, image: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            return image * (1 - mask) + mask * (128 / 255)

    path = tmp_path / "grey.pt"
    torch.jit.trace(Grey(), (torch.zeros(1, 3, 8, 8), torch.zeros(1, 1, 8, 8))).save(path)
    part, result, _ = evaluated(path)
    assert part.metrics["l1.hole"].mean == pytest.approx(expected_l1(dataset), rel=1e-12)
    assert len(result.method.weights_sha256) == 64


def test_a_folder_with_a_missing_and_a_mis_sized_picture(dataset, tmp_path):
    folder = tmp_path / "filled"
    folder.mkdir()
    for index, sample in enumerate(dataset[:COUNT]):
        image, mask = square_task(sample, 64).method_input()
        image[mask] = 128
        if index != 1:
            Image.fromarray(image[: 60 if index == 2 else 64]).save(folder / f"{sample.id}.png")
    out = tmp_path / "score.json"
    options = ["--sizes", 64, "--limit", COUNT, "--metrics", "l1"]
    found = df8k("score", "--predictions", folder, "--data", dataset.root, "--out", out, *options)
    assert found.exit_code == 1
    (part,) = read_result(out).sizes
    assert (part.n, part.failures) == (COUNT - 2, {"missing": 1, "wrong-output": 1})
    tasks = [square_task(dataset[index], 64) for index in (0, 3)]
    wanted = np.mean([np.abs(task.target[task.mask].astype(float) - 128).mean() / 255 for task in tasks])
    assert part.metrics["l1.hole"].mean == pytest.approx(wanted, rel=1e-12)
