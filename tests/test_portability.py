"""macOS and Windows, as far as they can be imitated: what Linux alone has is taken away, the work still done.

On those systems themselves the same tests run with less to take away.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
from click.testing import CliRunner

from _df8k import threads
from _df8k.files import only_writer, write_bytes
from df8k import baselines
from df8k.baselines import Limits, MethodFailedError
from df8k.leaderboard.calls.memory import MemoryPeak
from df8k.leaderboard.latency import machine
from df8k.leaderboard.results.environment import describe_environment
from df8k.metrics import pair

LIMITS = Limits(seconds=120, start_seconds=120)
METHOD = """
import os, subprocess, sys, time
def load():
    def inpaint(image, mask):
        out = image.copy()
        out[mask] = 7
        return out
    return inpaint
"""


@pytest.fixture(params=["darwin", "windows"])
def elsewhere(request):
    request.getfixturevalue(request.param)


@pytest.fixture
def picture():
    image = np.full((24, 32, 3), 90, np.uint8)
    mask = np.zeros((24, 32), bool)
    mask[8:16, 8:20] = True
    return image, mask


@pytest.mark.usefixtures("elsewhere")
def test_files_are_whole_and_have_one_writer(tmp_path):
    write_bytes(tmp_path / "deep/file.bin", b"whole")
    assert (tmp_path / "deep/file.bin").read_bytes() == b"whole"
    with (
        only_writer(tmp_path / "out"),
        pytest.raises(BlockingIOError, match="another process writes there"),
        only_writer(tmp_path / "out"),
    ):
        pass
    with only_writer(tmp_path / "out"):
        pass


@pytest.mark.usefixtures("elsewhere")
def test_processors_are_counted_without_an_affinity(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert len(threads.allowed_cpus()) == threads.thread_count() == pair.threads() == os.cpu_count()


@pytest.mark.usefixtures("elsewhere")
def test_the_machine_is_described_and_looked_at():
    environment = describe_environment()
    assert environment.cpu or os.name == "nt"
    assert environment.threads >= 1
    state = machine.look()
    assert state.governor is state.quota_cpus is None
    assert machine.spoilers(state) is not None


def test_the_name_of_an_apple_processor_is_asked_for(darwin, monkeypatch):
    def run(command, **_):
        return subprocess.CompletedProcess(command, 0, "Apple M4\n" if command[0] == "sysctl" else "", "")

    monkeypatch.setattr(subprocess, "run", run)
    assert describe_environment().cpu == "Apple M4"


@pytest.mark.usefixtures("elsewhere")
def test_memory_is_that_of_the_process_where_calls_cannot_be_told_apart():
    peak = MemoryPeak(descendants=True)
    assert peak.call_bytes() is None
    assert peak.highest_bytes() > 10e6


def test_windows_tells_its_own_peak(windows, monkeypatch):
    monkeypatch.setitem(sys.modules, "resource", None)
    info = type("Info", (), {"peak_wset": 123_000_000})
    monkeypatch.setattr(psutil.Process, "memory_info", lambda _: info)
    assert MemoryPeak().highest_bytes() == 123_000_000


REFUSAL = "need Linux or macOS: on Windows use WSL"


@pytest.mark.usefixtures("windows")
class TestWindows:
    def test_foreign_methods_and_commands_are_refused_in_words(self, tmp_path, picture):
        (tmp_path / "method.py").write_text(METHOD)
        with pytest.raises(MethodFailedError, match=REFUSAL):
            baselines.open_method(f"{tmp_path / 'method.py'}:load", limits=LIMITS)(*picture)
        with pytest.raises(MethodFailedError, match=REFUSAL):
            baselines.open_method("cmd:copy {image} {output} {mask}", limits=LIMITS)(*picture)

    def test_latency_is_refused_before_anything_is_written(self, tmp_path):
        from df8k.cli import cli

        out = tmp_path / "telea.json"
        done = CliRunner().invoke(cli, ["latency", "--method", "telea", "--sizes", "32", "--out", str(out)])
        assert done.exit_code == 2
        assert REFUSAL in done.output
        assert list(tmp_path.iterdir()) == []

    def test_functions_of_this_process_are_methods_as_anywhere(self, picture):
        inpaint = baselines.as_inpainter(
            lambda image, mask: np.where(mask[..., None], 7, image).astype(np.uint8)
        )
        image, mask = picture
        assert (inpaint(image, mask)[mask] == 7).all()


# In an interpreter of its own, so that modules are imported without what is absent.
WITHOUT = """
import os, sys
from pathlib import Path
import platformdirs.unix, psutil  # their halves for Linux need them
for name in ("fcntl", "resource", "pwd", "grp"):
    sys.modules[name] = None
for name in ("sched_getaffinity", "memfd_create", "posix_fallocate", "getuid", "getloadavg", "killpg"):
    if hasattr(os, name):
        delattr(os, name)
from _df8k import system
system.WINDOWS, system.PROC, system.SHARED_MEMORY = True, Path("nowhere"), Path("nowhere")

from click.testing import CliRunner
from PIL import Image
from df8k.cli import cli
from df8k.scenes import KINDS, render

Path("photos").mkdir()
for index, kind in enumerate(KINDS):
    Image.fromarray(render(kind, 96 + index, 72, "windows")).save(f"photos/{index}.png")
splits = "[splits]\\ntrain = 0\\nvalidation = 0\\ntest = 1\\n"
Path("config.toml").write_text('name = "elsewhere"\\nmin_side = 64\\n' + splits)
for words in (
    "build --source photos --out dataset --config config.toml --workers 1",
    "verify dataset",
    "evaluate --method harmonic --data dataset --sizes native --metrics l1 --out harmonic.json",
    "leaderboard validate harmonic.json",
    "leaderboard summary harmonic.json",
):
    done = CliRunner().invoke(cli, words.split())
    assert done.exit_code == 0, f"{words}: {done.output} {done.exception!r}"
"""


def test_dataset_evaluation_and_board_need_nothing_of_unix(tmp_path):
    done = subprocess.run(
        [sys.executable, "-P", "-c", WITHOUT], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_checkout_without_links_is_refused_when_it_is_installed(tmp_path):
    pytest.importorskip("hatchling")
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("hatch_build", Path(__file__).parent.parent / "hatch_build.py")
    hook = module_from_spec(spec)
    spec.loader.exec_module(hook)
    (tmp_path / "df8k").mkdir()
    for name in hook.PACKAGES:
        (tmp_path / "df8k" / name).write_text(f"../{name}")
    packages = hook.Packages(str(tmp_path), {}, None, None, str(tmp_path), "wheel")
    with pytest.raises(RuntimeError, match=r"git config core\.symlinks true"):
        packages.initialize("editable", {})


def test_files_of_the_site_end_lines_alike_everywhere():
    """`Path.write_text` would write other bytes on Windows, unless it is told the line end."""
    root = Path(__file__).parent.parent
    for package in ("leaderboard/site", "df8k/documents", "df8k/storage"):
        for path in (root / package).rglob("*.py"):
            for line in path.read_text(encoding="utf-8").splitlines():
                plain = ".write_text(" in line and "newline=" not in line
                assert not plain or "_MARK" in line, f"{path}: {line.strip()}"
