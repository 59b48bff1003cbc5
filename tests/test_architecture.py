"""The guard against shadowed packages, light start-up, and what each package exports."""

import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import pytest

from _df8k.guard import PACKAGES

ROOT = Path(__file__).resolve().parent.parent


def python(code: str, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, **options
    )


@pytest.mark.parametrize("form", ["metrics.py", "metrics/__init__.py"])
def test_a_shadowing_package_is_named(tmp_path, form):
    (tmp_path / form).parent.mkdir(exist_ok=True)
    (tmp_path / form).write_text("")
    found = python("import leaderboard", cwd=tmp_path)
    assert found.returncode == 1
    assert "ImportError" in found.stderr
    assert str(tmp_path / "metrics") in found.stderr
    assert "hides it" in found.stderr


def test_a_folder_without_init_hides_nothing(tmp_path):
    (tmp_path / "masks").mkdir()
    assert python("import masks, df8k", cwd=tmp_path).returncode == 0


def test_the_command_ignores_packages_of_the_working_directory(tmp_path):
    (tmp_path / "metrics.py").write_text("raise SystemExit('shadowed')")
    command = Path(sys.executable).with_name("df8k")
    found = subprocess.run(
        [command, "doctor", "--json"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr


def test_help_imports_nothing_heavy_and_is_quick():
    code = (
        "import sys; from df8k.cli import cli; cli(['--help'], standalone_mode=False);"
        "print({'torch', 'numpy', 'cv2', 'pandas', 'pyarrow'} & set(sys.modules))"
    )
    elapsed = []
    for _ in range(3):
        start = time.monotonic()
        found = python(code)
        elapsed.append(time.monotonic() - start)
    assert found.stdout.endswith("set()\n"), found.stdout + found.stderr
    assert min(elapsed) < 0.5


@pytest.mark.parametrize("name", ["masks", "metrics", "baselines", "leaderboard", "df8k"])
def test_everything_promised_exists(name):
    package = import_module(name)
    assert len(set(package.__all__)) == len(package.__all__)
    for exported in package.__all__:
        assert getattr(package, exported) is not None


@pytest.mark.parametrize("name", ["masks", "metrics", "baselines", "df8k"])
def test_importing_a_package_brings_no_torch(name):
    found = python(f"import sys, {name}; print('torch' in sys.modules)")
    assert found.stdout == "False\n", found.stderr


@pytest.mark.parametrize("name", ["masks", "metrics", "df8k"])
def test_importing_a_package_brings_no_http_client(name):
    found = python(f"import sys, {name}; print('httpx' in sys.modules)")
    assert found.stdout == "False\n", found.stderr


def test_the_wheel_holds_the_five_packages(tmp_path):
    """The published RETHINED wheel holds metadata alone; ours is looked into."""
    from zipfile import ZipFile

    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "-q",
        "-w",
        tmp_path,
        ROOT,
    ]
    subprocess.run(command, check=True)
    names = ZipFile(next(tmp_path.glob("df8k-*.whl"))).namelist()
    assert {name.split("/")[0] for name in names if name.endswith(".py")} == {*PACKAGES, "_df8k"}
    for needed in (
        "leaderboard/site/templates/index.html.jinja",
        "leaderboard/site/templates/board.js",
        "masks/py.typed",
    ):
        assert needed in names
