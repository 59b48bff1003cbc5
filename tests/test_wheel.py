"""The wheel, in an environment of its own, works in a repository whose files bear our short names.

Network and time are saved by borrowing the libraries of the environment that runs the tests.
"""

import os
import subprocess
import sys
import tarfile
import venv
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

from _df8k.short_names import SHORT_NAMES
from df8k.scenes import KINDS, render

ROOT = Path(__file__).resolve().parent.parent

MINE = "raise RuntimeError('df8k imported a module of the repository')\n"
METHOD = """
def darkest(image, mask):
    out = image.copy()
    out[mask] = image[~mask].min(axis=0)
    return out

def load():
    return darkest
"""
CONFIG = """
name = "mine"
min_side = 64
[splits]
train = 0
validation = 0
test = 1
"""
SCRIPT = """
import multiprocessing
import pickle

import df8k
import df8k.metrics
from df8k import baselines, leaderboard, masks


def missing(vector):
    return vector.rasterize(60, 40).mean()


if __name__ == "__main__":
    dataset = df8k.load("dataset")
    vector = masks.synthesize(aspect=(3, 2), preset="df8k", key="mine")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(missing, [vector]) == [missing(vector)]
    assert pickle.loads(pickle.dumps(vector)) == vector
    sample = dataset[0]
    filled = df8k.fill(sample.image, sample.mask, method="mean").pixels
    assert df8k.metrics.compute(filled, sample.image, sample.mask, names=["psnr"])["psnr.hole"] > 0
    result = leaderboard.evaluate(baselines.load("mean"), dataset, sizes=["native"])
    assert result.sizes[0].n == len(dataset)
    try:
        import metrics
    except RuntimeError:
        pass
    else:
        raise AssertionError("the repository's own metrics.py was hidden")
"""


# Of other libraries nothing is read, which saves most of the time.
MYPY = """
[mypy]
follow_imports = skip
ignore_missing_imports = True
[mypy-df8k,df8k.*,_df8k.*]
follow_imports = silent
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "-q",
        "-w",
        folder,
        ROOT,
    ]
    subprocess.run(command, check=True)
    return next(folder.glob("df8k-*.whl"))


def test_every_package_lies_once_in_the_wheel(wheel):
    """The published RETHINED wheel holds metadata alone; ours is looked into."""
    names = ZipFile(wheel).namelist()
    assert len(set(names)) == len(names)
    modules = [name for name in names if name.endswith(".py")]
    assert {name.split("/")[0] for name in modules} == {"df8k", "_df8k", *SHORT_NAMES}
    for package in SHORT_NAMES:
        short = {name for name in names if name.startswith(f"{package}/")}
        assert short == {f"{package}/__init__.py", f"{package}/py.typed"}
        listed = {f"df8k/{path.relative_to(ROOT)}" for path in (ROOT / package).rglob("*.py")}
        assert listed == {name for name in modules if name.startswith(f"df8k/{package}/")}
    for needed in ("leaderboard/site/templates/index.html.jinja", "leaderboard/site/scripts/board.js"):
        assert f"df8k/{needed}" in names
    assert not [name for name in names if "__pycache__" in name]


def test_the_source_archive_holds_the_folders_and_builds_the_same_wheel(wheel, tmp_path):
    def build(target, root):
        command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", tmp_path]
        subprocess.run(command, cwd=root, check=True, capture_output=True)

    build("sdist", ROOT)
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    build("wheel", tmp_path / archive.name.removesuffix(".tar.gz"))
    assert ZipFile(tmp_path / wheel.name).namelist() == ZipFile(wheel).namelist()


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    """Interpreter of a new environment; its other libraries are those of the tests, without our checkout."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    python = folder / "bin/python"
    install = [
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        "--no-compile",
        wheel,
    ]
    subprocess.run([sys.executable, *install], check=True)
    libraries = [entry for entry in sys.path if entry.endswith("site-packages")]
    # A folder that a .pth names is searched, its own .pth files are not read: no editable df8k.
    (site / "libraries.pth").write_text("\n".join(libraries))
    return python


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A researcher's repository, with photographs, a mask and a method."""
    folder = tmp_path_factory.mktemp("repository")
    for name in (
        "metrics.py",
        "masks/__init__.py",
        "baselines.py",
        "leaderboard.py",
        "df8k_data/__init__.py",
    ):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(MINE)
    (folder / "photos").mkdir()
    for index, kind in enumerate([*KINDS, *KINDS]):
        size = (150 + 11 * index, 96 + 10 * index)
        Image.fromarray(render(kind, *size, "wheel")).save(folder / f"photos/{index}.png")
    hole = np.zeros((96, 150), np.uint8)
    hole[30:60, 40:80] = 255
    Image.fromarray(hole).save(folder / "hole.png")
    (folder / "my_method.py").write_text(METHOD)
    (folder / "config.toml").write_text(CONFIG)
    (folder / "script.py").write_text(SCRIPT)
    return folder


def test_import_fill_build_evaluate_score_and_compare(environment, repository):
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def run(*words):
        done = subprocess.run(
            [environment, *words], cwd=repository, env=clean, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
        return done.stdout

    # As in a notebook, the working directory comes first on the path.
    code = "import df8k, df8k.masks; df8k.leaderboard.evaluate, df8k.baselines.load; print(df8k.__file__)"
    assert run("-c", code).startswith(str(environment.parent.parent))
    command = ("-m", "df8k")
    run(*command, "fill", "photos/0.png", "hole.png", "--method", "telea", "--out", "filled.png")
    run(
        *command,
        "build",
        "--source",
        "photos",
        "--out",
        "dataset",
        "--config",
        "config.toml",
        "--workers",
        "2",
    )
    measured = ("--data", "dataset", "--sizes", "native", "--metrics", "l1")
    evaluate = (*command, "evaluate", *measured)
    run(*evaluate, "--method", "my_method.py:load", "--out", "mine.json", "--save-predictions", "mine")
    run(*evaluate, "--method", "mean", "--out", "mean.json")
    run(*command, "score", "--predictions", "mine", "--name", "scored", "--out", "scored.json", *measured)
    compared = run(*command, "compare", "mine.json", "mean.json", "scored.json", "--metric", "l1.hole")
    assert "mean" in compared
    assert "scored" in compared
    run("script.py")


def test_types_are_seen_through_the_long_names(environment, repository):
    """What a type checker infers from the installed wheel."""
    (repository / "typed.py").write_text(
        "import df8k\nfrom df8k import masks\n"
        "reveal_type(masks.synthesize(aspect=(3, 2), preset='df8k', key='x').coverage(30, 20))\n"
        "reveal_type(df8k.baselines.load)\n"
    )
    (repository / "mypy.ini").write_text(MYPY)
    command = [sys.executable, "-m", "mypy", "--python-executable", environment, "typed.py"]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert 'Revealed type is "float"' in done.stdout, done.stdout
    assert "df8k.baselines.base.Inpainter" in done.stdout
