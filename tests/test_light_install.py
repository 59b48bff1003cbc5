"""An installation without extras: what needs none of them runs, the rest names the extra that it needs."""

import json
import os
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from _df8k.extras import EXTRAS, MissingExtraError, naming_extras, remedy

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

# Runs in an interpreter of its own, where no module of an extra can be imported.
SCRIPT = """
import json, sys
from importlib.machinery import PathFinder
from pathlib import Path

ABSENT = set(sys.argv[1].split(","))
search = PathFinder.find_spec


def absent(fullname, *rest):
    return None if fullname.partition(".")[0] in ABSENT else search(fullname, *rest)


PathFinder.find_spec = absent

import numpy as np
from click.testing import CliRunner
from PIL import Image

import df8k
from df8k import baselines, leaderboard, masks, metrics
from df8k.baselines.adapters.exported import torchscript
from df8k.cli import cli
from df8k.scenes import KINDS, render

told = {}
photograph = render("fence", 96, 64, "light")
hole = np.zeros((64, 96), bool)
hole[20:40, 30:60] = True
for name in ("mean", "telea", "ns", "harmonic", "patchmatch", "rethined", "hifill"):
    filled = df8k.fill(photograph, hole, method=name).pixels
    assert (filled[~hole] == photograph[~hole]).all()
    assert (filled[hole] != photograph[hole]).any()


def refusal(call):
    try:
        call()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    raise AssertionError("nothing was missing")


told["hifill"] = refusal(lambda: baselines.load("hifill", backend="torch"))
told["gpu"] = refusal(lambda: baselines.load("rethined", device="cuda"))
told["torchscript"] = refusal(lambda: torchscript(Path("network.pt")))
told["site"] = refusal(lambda: leaderboard.build_site)
told["figure"] = refusal(lambda: masks.statistics_figure({}, "figure.svg"))
names = ["l1", "psnr", "ssim", "haarpsi", "lpips-alex"]
scores = metrics.compute(filled, photograph, hole, names=names)
told["scores"] = {key: value is not None for key, value in scores.items()}
told["lpips"] = scores.reasons["lpips-alex.hole"]

Path("photos").mkdir()
for index, kind in enumerate(KINDS):
    Image.fromarray(render(kind, 96 + index, 72, "light")).save(f"photos/{index}.png")
splits = "[splits]\\ntrain = 0\\nvalidation = 0\\ntest = 1\\n"
Path("config.toml").write_text('name = "light"\\nmin_side = 64\\n' + splits)


def run(*words):
    done = CliRunner().invoke(cli, words)
    return done.exit_code, done.output


for words in (
    "build --source photos --out dataset --config config.toml --workers 1",
    "verify dataset",
    "evaluate --method telea --data dataset --sizes native --quality-only --metrics l1,ssim --out telea.json",
    "leaderboard validate telea.json",
    "leaderboard summary telea.json",
):
    code, output = run(*words.split())
    assert code == 0, output
assert len(leaderboard.show("telea.json")) == 1
told["plot"] = refusal(lambda: leaderboard.plot("telea.json"))
told["commands"] = {
    words: run(*words.split())
    for words in (
        "leaderboard build telea.json --out site",
        "evaluate --method hifill,backend=torch --data dataset --sizes native --out hifill.json",
        "train rethined --data dataset --out run",
        "strategies telea --data dataset --out studies",
        "export rethined --out rethined.onnx",
    )
}
code, output = run("doctor", "--json")
assert code == 0, output
told["doctor"] = json.loads(output[output.index("{"):])
assert not ABSENT & {name.partition(".")[0] for name in sys.modules}
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    absent = ",".join(module for extra in EXTRAS for module in extra.modules)
    done = subprocess.run(
        [sys.executable, "-P", "-c", SCRIPT, absent],
        cwd=tmp_path_factory.mktemp("light"),
        env=os.environ | {"COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("case", "error", "extra"),
    [
        ("hifill", "NotInstalledError", "networks"),
        ("gpu", "NotInstalledError", "networks"),
        ("torchscript", "MethodFailedError", "networks"),
        ("site", "MissingExtraError", "site"),
        ("figure", "MaskError", "site"),
        ("plot", "LeaderboardError", "site"),
    ],
)
def test_what_is_missing_is_named_with_its_extra(told, case, error, extra):
    assert told[case].startswith(f"{error}: ")
    assert f"pip install 'df8k[{extra}]'" in told[case]


def test_plain_metrics_have_values_and_learned_ones_say_what_they_lack(told):
    empty = {key.partition(".")[0] for key, there in told["scores"].items() if not there}
    assert empty == {"lpips-alex"}
    assert "unavailable" in told["lpips"]


def test_commands_that_need_an_extra_end_with_one_line(told):
    for words, (code, output) in told["commands"].items():
        assert code == 2, words
        (line,) = [line for line in output.splitlines() if line.startswith("Error: ")]
        assert "pip install 'df8k[" in line, words
        assert "Traceback" not in output


def test_the_doctor_says_what_each_extra_would_add(told):
    assert [extra["name"] for extra in told["doctor"]["extras"]] == [extra.name for extra in EXTRAS]
    assert all(extra["missing"] and extra["adds"] for extra in told["doctor"]["extras"])
    assert told["doctor"]["methods"]["rethined"] == told["doctor"]["methods"]["hifill"] == "ready"
    assert "df8k[networks]" in told["doctor"]["methods"]["rethined-official"]


def test_what_is_installed_is_not_missing():
    for module in ("torch", "altair", "onnx"):
        pytest.importorskip(module)
    missing = {extra.name: extra.missing() for extra in EXTRAS}
    assert missing["networks"] == missing["site"] == missing["onnx"] == []


def test_extras_are_those_of_the_project_and_hold_their_modules():
    declared = PROJECT["optional-dependencies"]
    assert {extra.name for extra in EXTRAS} == set(declared) - {"all"}
    homes = packages_distributions()
    for extra in EXTRAS:
        packages = {Requirement(text).name for text in declared[extra.name]} - {"df8k"}
        for module in extra.modules:
            # Of a package that is not installed here the module's name is in the package's.
            home = {name.lower().replace("_", "-") for name in homes.get(module, ())} or {
                package for package in packages if module.replace("_", "-") in package
            }
            assert packages & home, (extra.name, module)
        assert len(extra.modules) == len(packages)


def test_no_core_dependency_is_one_of_an_extra():
    core = {Requirement(text).name for text in PROJECT["dependencies"]}
    optional = {
        Requirement(text).name for texts in PROJECT["optional-dependencies"].values() for text in texts
    }
    assert not core & optional
    assert core.isdisjoint({"torch", "torchvision", "lpips", "torchmetrics", "altair", "vl-convert-python"})


def test_modules_of_no_extra_stay_what_they_are():
    absent = ModuleNotFoundError("No module named 'nobody'", name="nobody")
    assert remedy(absent) is None
    with pytest.raises(ModuleNotFoundError) as raised, naming_extras("a test"):
        raise absent
    assert raised.value is absent
    with (
        pytest.raises(
            MissingExtraError, match=r"a test: torch is not installed: pip install 'df8k\[networks\]'"
        ),
        naming_extras("a test"),
    ):
        raise ModuleNotFoundError("No module named 'torch.nn'", name="torch.nn")


@pytest.mark.parametrize("code", ["import df8k", "import masks, metrics, baselines, leaderboard"])
def test_importing_is_silent_where_warnings_are_errors(code, tmp_path):
    done = subprocess.run(
        [sys.executable, "-P", "-W", "error", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
