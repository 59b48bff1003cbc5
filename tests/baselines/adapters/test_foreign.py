"""Foreign methods: the good ones answer, the bad ones fail by kind and take nothing with them."""

import gc
import json
import os
import subprocess
import sys
import textwrap
import time

import numpy as np
import psutil
import pytest

import baselines
from baselines import Limits, MethodFailedError, open_method


@pytest.fixture
def picture():
    y, x = np.mgrid[0:48, 0:64]
    image = np.stack([x * 4, y * 5, x + y], axis=2).astype(np.uint8)
    return image, (abs(y - 20) < 8) & (abs(x - 30) < 9)


def written(folder, text, name="method.py"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text))
    return path


GOOD = """
    import metrics, masks.tools, settings

    def factory():
        print("a line that must not reach the channel")
        def inpaint(image, mask):
            assert metrics.MINE and masks.tools.MINE and settings.MINE
            image[mask] = metrics.VALUE
            return image
        inpaint.card = {"name": "good", "version": "7", "parameters": 12}
        return inpaint
"""


@pytest.fixture
def repository(tmp_path):
    """A repository whose modules have the names of ours."""
    written(tmp_path, "MINE, VALUE = True, 9", "metrics.py")
    written(tmp_path, "", "masks/__init__.py")
    written(tmp_path, "MINE = True", "masks/tools.py")
    written(tmp_path, "MINE = True", "settings.py")
    return written(tmp_path, GOOD)


def test_a_repository_with_our_names_runs_on_its_own_modules(repository, picture):
    image, mask = picture
    method = open_method(f"{repository}:factory")
    for _ in range(2):
        output = method(image, mask)
        assert (output[mask] == 9).all()
        assert np.array_equal(output[~mask], image[~mask])
    assert (method.card.name, method.card.version, method.card.parameters) == ("good", "7", 12)
    assert 0 < method.model_seconds < 1
    import masks
    import metrics

    assert not hasattr(metrics, "MINE")
    assert not hasattr(masks, "tools")


def test_a_method_runs_under_its_own_interpreter(repository, picture, tmp_path):
    """An environment of its own: here one that sees numpy and nothing else of ours."""
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    packages = next(environment.glob("lib/python*/site-packages"))
    for name in ("numpy", "numpy.libs"):
        source = os.path.join(os.path.dirname(os.path.dirname(np.__file__)), name)
        os.symlink(source, packages / name)
    probe = written(
        repository.parent,
        """
        import sys
        def factory():
            def inpaint(image, mask):
                assert "df8k" not in sys.modules
                try:
                    import torch
                except ImportError:
                    image[mask] = 1
                return image
            inpaint.card = {"version": sys.prefix}
            return inpaint
        """,
        "probe.py",
    )
    method = open_method(f"{probe}:factory", python=str(environment / "bin/python"))
    image, mask = picture
    assert (method(image, mask)[mask] == 1).all()
    assert method.card.version == str(environment)


BAD = """
    import os, time
    import numpy as np
    calls = 0
    def factory():
        def inpaint(image, mask):
            global calls
            calls += 1
            {body}
            return image
        return inpaint
"""


@pytest.mark.parametrize(
    ("body", "kind", "finding"),
    [
        ("raise RuntimeError('broken')", "error", "RuntimeError: broken"),
        ("os.abort()", "crash", "SIGABRT"),
        ("print('last words', flush=True); os._exit(3)", "crash", "exit code 3: last words"),
        ("time.sleep(60)", "timeout", "no answer within 0.5 s"),
        ("image = [np.ones(2**26, np.uint8) for _ in range(1024)]", "out-of-memory", "GiB allowed"),
        ("raise MemoryError('none left')", "out-of-memory", "none left"),
        ("image = image.astype(np.float32)", "wrong-output", "returned float32 (48, 64, 3)"),
        ("image = image[:10]", "wrong-output", "(10, 64, 3), expected uint8 (48, 64, 3)"),
        ("image = None", "wrong-output", "returned object"),
    ],
)
def test_a_bad_method_fails_by_kind_and_is_started_again(tmp_path, picture, body, kind, finding):
    path = written(tmp_path, BAD.format(body=body))
    limits = Limits(seconds=0.5 if kind == "timeout" else 60, memory_bytes=2**29)
    method = open_method(f"{path}:factory", limits=limits)
    for _ in range(2):
        start = time.monotonic()
        with pytest.raises(MethodFailedError) as caught:
            method(*picture)
        assert caught.value.kind == kind
        assert finding in str(caught.value)
        assert time.monotonic() - start < 30


def test_an_error_names_file_and_line_of_the_methods_code(tmp_path, picture):
    (tmp_path / "helper.py").write_text("import json\n\ndef fill(image):\n    return json.loads('{')\n")
    text = "import helper\n\ndef load():\n    return lambda image, mask: helper.fill(image)\n"
    with pytest.raises(MethodFailedError, match=r"JSONDecodeError: .* \(helper.py, line 4\)$"):
        open_method(f"{written(tmp_path, text)}:load")(*picture)
    broken = "\n\nimport a_package_that_is_absent\n"
    with pytest.raises(MethodFailedError, match=r"absent' \(\w+.py, line 3\)$"):
        open_method(f"{written(tmp_path, broken)}:load")


def test_a_missing_function_is_answered_with_those_that_are_there(tmp_path):
    text = "from json import loads\n\nclass Net: pass\n\ndef make(): pass\n\ndef _private(): pass\n"
    with pytest.raises(MethodFailedError, match=r"has no attribute .load.: it defines Net, make$"):
        open_method(f"{written(tmp_path, text)}:load")


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("raise SystemExit('no weights here')", "SystemExit: no weights here"),
        ("def other(): pass", "has no attribute 'factory'"),
        ("import a_package_that_is_absent", "No module named 'a_package_that_is_absent'"),
    ],
)
def test_a_method_that_cannot_be_loaded_says_why(tmp_path, text, finding):
    with pytest.raises(MethodFailedError, match=finding):
        open_method(f"{written(tmp_path, text)}:factory")


def test_specs_that_name_nothing_are_refused(tmp_path):
    with pytest.raises(MethodFailedError, match="does not exist"):
        open_method(f"{tmp_path}/absent.py:factory")
    with pytest.raises(MethodFailedError, match="cannot be started"):
        open_method(f"{written(tmp_path, GOOD)}:factory", python="/nowhere/python")
    with pytest.raises(MethodFailedError, match=r"lacks \{output\}"):
        open_method("cmd:fill {image} {mask}")
    with pytest.raises(baselines.UnknownMethodError):
        open_method("tela")


def test_workers_do_not_outlive_their_method(repository):
    method = open_method(f"{repository}:factory")
    number = method._process._process.pid
    descriptor = method._blocks.image.fd
    del method
    gc.collect()
    assert not os.path.exists(f"/proc/{number}")
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_worker_ends_with_a_killed_parent(tmp_path):
    path = written(tmp_path, BAD.format(body="open('pid', 'w').write(str(os.getpid())); time.sleep(60)"))
    code = f"""
import numpy as np
from baselines import open_method
open_method({str(path) + ":factory"!r})(np.zeros((8, 8, 3), np.uint8), np.ones((8, 8), bool))
"""
    parent = subprocess.Popen([sys.executable, "-c", code])
    deadline = time.monotonic() + 30
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    worker = int((tmp_path / "pid").read_text())
    parent.kill()
    parent.wait()
    while not gone(worker):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def gone(number):
    """Ended; where nobody collects orphans, they stay as zombies."""
    try:
        return psutil.Process(number).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_answers_stay_what_they_were(tmp_path, picture):
    """Answers live in shared memory: later calls, at this and other sizes, must not reach into them."""
    path = written(tmp_path, BAD.format(body="image = np.full_like(image, calls)"))
    method = open_method(f"{path}:factory")
    image, mask = picture
    kept = [method(image, mask) for _ in range(4)]
    kept.append(method(np.tile(image, (9, 9, 1)), np.tile(mask, (9, 9))))
    kept += [method(image[:7, :9], mask[:7, :9]) for _ in range(3)]
    assert [set(np.unique(answer)) for answer in kept] == [{n} for n in range(1, 9)]
    kept[0][:] = 77
    assert (method(image, mask) == 9).all()
    assert (kept[0] == 77).all()


COMMAND = """
    import sys
    from PIL import Image
    image, mask, output = sys.argv[1:]
    picture = Image.open(image)
    picture.paste((1, 2, 3), mask=Image.open(mask))
    picture.save(output)
"""


def test_a_command_fills_what_is_255(tmp_path, picture):
    image, mask = picture
    script = written(tmp_path, COMMAND, "a script.py")
    method = open_method(f"cmd:{sys.executable} '{script}' {{image}} {{mask}} {{output}}")
    output = method(image, mask)
    assert (output[mask] == (1, 2, 3)).all()
    assert np.array_equal(output[~mask], image[~mask])


@pytest.mark.parametrize(
    ("command", "kind", "finding"),
    [
        ("true {image} {mask} {output}", "wrong-output", "wrote no output.png"),
        ("ls --no-such-option {image} {mask} {output}", "crash", "exit code 2"),
        ("cp {mask} {output} -f {image}", "crash", "exit code 1"),
        ("sleep 60{image} {mask} {output}", "crash", "Try 'sleep --help'"),
        ("cp {mask} {output}x{image}", "crash", "exit code 1"),
    ],
)
def test_a_bad_command_fails_by_kind(picture, command, kind, finding):
    with pytest.raises(MethodFailedError) as caught:
        open_method(f"cmd:{command}")(*picture)
    assert caught.value.kind == kind
    assert finding in str(caught.value)


def test_a_command_that_hangs_is_ended(tmp_path, picture):
    script = written(tmp_path, "import time; time.sleep(60)")
    method = open_method(
        f"cmd:{sys.executable} {script} {{image}} {{mask}} {{output}}", limits=Limits(seconds=0.5)
    )
    with pytest.raises(MethodFailedError, match=r"did not end within 0.5 s") as caught:
        method(*picture)
    assert caught.value.kind == "timeout"


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    """A network that fills the hole with the constant 0.5, exported in several conventions."""
    import torch

    class Fill(torch.nn.Module):
        def __init__(self, hole, middle):
            super().__init__()
            self.hole, self.middle = hole, middle

        def forward(self, image, mask):
            weight = mask if self.hole else 1 - mask
            return image * (1 - weight) + self.middle * weight

    folder = tmp_path_factory.mktemp("networks")
    example = (torch.zeros(1, 3, 8, 8), torch.zeros(1, 1, 8, 8))
    axes = {name: {2: "height", 3: "width"} for name in ("image", "mask", "output")}
    for name, hole, middle in (("plain", 1, 0.5), ("inverted", 0, 0.5), ("signed", 1, 0.0)):
        module = Fill(hole, middle).eval()
        torch.jit.trace(module, example).save(folder / f"{name}.pt")
        torch.onnx.export(
            module,
            example,
            folder / f"{name}.onnx",
            input_names=["image", "mask"],
            output_names=["output"],
            dynamic_axes=axes,
            dynamo=False,
        )
    (folder / "inverted.json").write_text(json.dumps({"hole": 0, "name": "upside-down"}))
    (folder / "signed.json").write_text(json.dumps({"range": [-1, 1]}))
    return folder


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("form", ["onnx", "pt"])
@pytest.mark.parametrize("name", ["plain", "inverted", "signed"])
def test_exported_networks_are_fed_as_they_declare(networks, picture, form, name):
    image, mask = picture
    method = open_method(str(networks / f"{name}.{form}"))
    output = method(image, mask)
    assert (abs(output[mask].astype(int) - 127.5) < 1).all()
    assert np.array_equal(output[~mask], image[~mask])
    assert method.card.name == ("upside-down" if name == "inverted" else name)
    assert len(method.card.weights_sha256) == 64


@pytest.mark.filterwarnings("ignore")
def test_files_that_are_no_networks_are_named(networks, tmp_path):
    for suffix in ("onnx", "pt"):
        path = tmp_path / f"fake.{suffix}"
        path.write_bytes(b"not a network")
        with pytest.raises(MethodFailedError, match=rf"fake.{suffix}"):
            open_method(str(path))
    (tmp_path / "plain.onnx").write_bytes((networks / "plain.onnx").read_bytes())
    (tmp_path / "plain.json").write_text('{"layuot": "NHWC"}')
    with pytest.raises(MethodFailedError, match="layuot: Extra inputs"):
        open_method(str(tmp_path / "plain.onnx"))
