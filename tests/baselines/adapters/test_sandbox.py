"""With the sandbox a method sees itself alone; without it, the words of docs/security.md hold."""

import shutil
import socket
import textwrap

import pytest

from baselines import Limits, MethodFailedError, open_method

needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")

TRIES = """
    import os, pathlib, socket, subprocess
    def load():
        def fill(image, mask):
            {body}
            image[mask] = 7
            return image
        return fill
"""


@pytest.fixture
def place(tmp_path):
    """A folder with the method, a dataset inside it, and a neighbour."""
    (tmp_path / "work/dataset").mkdir(parents=True)
    (tmp_path / "work/dataset/truth.png").write_bytes(b"truth")
    (tmp_path / "neighbour").mkdir()
    (tmp_path / "neighbour/secret").write_text("secret")
    return tmp_path


def opened(place, body, *, sandbox):
    path = place / "work/method.py"
    path.write_text(textwrap.dedent(TRIES.format(body=body)))
    limits = Limits(seconds=30, start_seconds=90, sandbox=sandbox, hidden=(place / "work/dataset",))
    return open_method(f"{path}:load", limits=limits)


@needs_bubblewrap
def test_a_method_runs_in_the_sandbox_as_without_it(place, picture):
    method = opened(place, "pathlib.Path('/tmp/own').write_text('x')", sandbox=True)
    for _ in range(2):
        output = method(*picture)
        assert (output[picture[1]] == 7).all()
        assert (output[~picture[1]] == 90).all()
    method.close()


ATTEMPTS = {
    "the dataset": "pathlib.Path({root!r}, 'work/dataset/truth.png').read_bytes()",
    "a neighbour's file": "pathlib.Path({root!r}, 'neighbour/secret').read_text()",
    "the home folder": "pathlib.Path({home!r}).read_bytes()",
    "a file beside itself, to write": "pathlib.Path({root!r}, 'work/left-behind').write_text('x')",
    "the network": "socket.create_connection(('127.0.0.1', {port}), 2)",
}


@needs_bubblewrap
@pytest.mark.parametrize("name", ATTEMPTS)
def test_what_a_method_tries_fails_in_the_sandbox_and_is_counted(place, picture, name):
    from pathlib import Path

    homes = [path for path in Path.home().iterdir() if path.is_file()]
    if "home" in name and not homes:
        pytest.skip("the home folder is empty")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        body = ATTEMPTS[name].format(root=str(place), home=str(homes and homes[0]), port=port)
        # Without the sandbox it does what its user may do.
        free = opened(place, body, sandbox=False)
        assert (free(*picture)[picture[1]] == 7).all()
        free.close()
        (place / "work/left-behind").unlink(missing_ok=True)
        held = opened(place, body, sandbox=True)
        with pytest.raises(MethodFailedError) as failure:
            held(*picture)
        assert failure.value.kind == "error"
        held.close()
    assert not (place / "work/left-behind").exists()


@needs_bubblewrap
def test_secrets_of_the_environment_stay_outside(place, picture, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "secret")
    method = opened(place, "assert 'HF_TOKEN' not in os.environ", sandbox=True)
    method(*picture)
    method.close()


@needs_bubblewrap
def test_a_command_runs_in_the_sandbox(tmp_path, picture):
    script = tmp_path / "fill.sh"
    script.write_text('#!/bin/sh\ntest -e "$HOME/.bashrc" && exit 3\ncp "$1" "$3"\n')
    script.chmod(0o755)
    limits = Limits(seconds=30, sandbox=True)
    method = open_method(f"cmd:sh {script} {{image}} {{mask}} {{output}}", limits=limits)
    assert method(*picture).shape == picture[0].shape


def test_without_bubblewrap_the_sandbox_is_refused_in_words(place, monkeypatch):
    monkeypatch.setattr("baselines.adapters.isolation.sandbox.shutil.which", lambda _name: None)
    with pytest.raises(MethodFailedError, match="needs bubblewrap"):
        opened(place, "pass", sandbox=True)


SCRIPT = """
import sys, torch
class Reader(torch.nn.Module):
    def forward(self, image: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        stolen = torch.from_file({path!r}, False, 6, dtype=torch.uint8)
        return image * (1 - mask) + mask * stolen[0].float() / 255
torch.jit.script(Reader()).save(sys.argv[1])
"""


@needs_bubblewrap
def test_torchscript_reads_no_foreign_file_in_the_sandbox(place, picture):
    """TorchScript may open files inside its forward pass: in a process of its own, and there held."""
    import subprocess
    import sys

    path = place / "work/reader.pt"
    code = SCRIPT.format(path=str(place / "neighbour/secret"))
    script = place / "make.py"
    script.write_text(code)
    subprocess.run([sys.executable, "-W", "ignore", script, path], check=True)
    limits = Limits(seconds=60, start_seconds=120)
    free = open_method(str(path), limits=limits)
    assert (free(*picture)[picture[1]] == ord("s")).all()
    free.close()
    held = open_method(str(path), limits=Limits(seconds=60, start_seconds=120, sandbox=True))
    with pytest.raises(MethodFailedError, match="refuses"):
        held(*picture)
    held.close()
