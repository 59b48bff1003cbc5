"""One namespace whatever lies beside, light start-up, and what each package exports."""

import ast
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from _df8k.short_names import SHORT_NAMES

ROOT = Path(__file__).resolve().parent.parent
_TARGET = rf"[\"'](?:{'|'.join(SHORT_NAMES)})(?:\.\w+)+:\w+[\"']"


def python(code: str, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, **options
    )


@pytest.mark.parametrize("form", ["metrics.py", "metrics/__init__.py"])
def test_a_module_of_the_users_hides_a_short_name_alone(tmp_path, form):
    (tmp_path / form).parent.mkdir(exist_ok=True)
    (tmp_path / form).write_text("mine = 1")
    code = """
import metrics
import df8k.metrics
from df8k import leaderboard, metrics as ours
assert metrics.mine and ours.compute and df8k.metrics is ours and ours is not metrics
leaderboard.evaluate
import masks
assert masks is df8k.masks
"""
    done = python(code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("first", ["import masks.raster.runs", "import df8k.masks.raster.runs"])
def test_a_short_name_is_the_same_module(tmp_path, first):
    code = f"""
{first}
import pickle, sys
import df8k.masks.raster.runs, masks.raster.runs
assert masks is df8k.masks is sys.modules["df8k.masks"]
assert masks.raster.runs is df8k.masks.raster.runs
assert masks.__spec__.name == "df8k.masks"
from masks.vector import VectorMask
assert VectorMask is df8k.masks.VectorMask
assert pickle.dumps(VectorMask).count(b"df8k.masks.vector") == 1
"""
    done = python(code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_short_names_of_modules_leave_functions_in_their_place():
    code = """
import metrics.compute, metrics.assess, baselines.patchmatch.random_sources
import df8k.baselines.patchmatch
functions = (df8k.metrics.compute, df8k.metrics.assess, df8k.baselines.patchmatch.random_sources)
assert all(map(callable, functions)), functions
"""
    done = python(code)
    assert done.returncode == 0, done.stderr


def test_another_df8k_in_the_way_is_named(tmp_path):
    (tmp_path / "df8k.py").write_text("")
    done = python("import masks", cwd=tmp_path)
    assert done.returncode == 1
    assert (
        f"ImportError: 'masks' belongs to df8k, but {tmp_path / 'df8k.py'} hides that package" in done.stderr
    )


def test_our_own_code_never_uses_a_short_name():
    """A researcher's own `metrics.py` may stand in the way of one."""
    strays = []
    for package in (*SHORT_NAMES, "df8k", "_df8k"):
        for path in sorted((ROOT / package).rglob("*.py")):
            text = path.read_text()
            for node in ast.walk(ast.parse(text)):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and not node.level:
                    names = [node.module]
                strays += [f"{path}: {name}" for name in names if name.partition(".")[0] in SHORT_NAMES]
            strays += [f"{path}: {name}" for name in re.findall(_TARGET, text)]
    assert strays == []


def test_a_folder_without_init_hides_nothing(tmp_path):
    (tmp_path / "masks").mkdir()
    assert python("import masks, df8k; assert masks is df8k.masks", cwd=tmp_path).returncode == 0


def test_the_command_ignores_packages_of_the_working_directory(tmp_path):
    (tmp_path / "metrics.py").write_text("raise SystemExit('shadowed')")
    command = Path(sys.executable).with_name("df8k")
    found = subprocess.run(
        [command, "doctor", "--json"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from df8k.cli import cli; cli(['--help'], standalone_mode=False);"
        "print({name.partition('.')[0] for name in sys.modules} - sys.stdlib_module_names)"
    )
    found = python(code)
    imported = ast.literal_eval(found.stdout.splitlines()[-1])
    allowed = {"__main__", "_distutils_hack", "click", "df8k"}  # setuptools hooks itself in by a .pth file
    assert {name for name in imported if not name.startswith("__editable__")} <= allowed, found.stderr


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
