"""Commands of the docs on public methods, studies and votes, as written there, on the demo's dataset.

A stand-in with LaMa's signature, served on this machine, takes the public file's place.
"""

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

import df8k
from df8k.builder import build
from df8k.bundled import write_images
from df8k.cli import cli
from df8k.config import BuildConfig, SplitFractions
from df8k.leaderboard.votes.files import read_key
from df8k.sources import candidates
from tests.baselines.known.conftest import lama, served  # noqa: F401 - a fixture

DOCS = Path(__file__).resolve().parents[2] / "docs"

SAMPLER = """
import numpy as np


def load():
    def inpaint(image, mask):
        out = image.copy()
        out[mask] = image[~mask].mean(axis=0) + np.random.normal(0, 2)
        return out

    return inpaint
"""


def commands(page, heading):
    """Lists the commands of a section, word by word."""
    rest = (DOCS / f"{page}.md").read_text().partition(f" {heading}\n")[2]
    section = re.split(r"^#+ ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    blocks = re.findall(r"^```sh\n(.*?)^```", section, re.DOTALL | re.MULTILINE)
    return [shlex.split(line, comments=True) for block in blocks for line in block.splitlines() if line]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The dataset of `df8k demo --quick`."""
    folder = tmp_path_factory.mktemp("studies")
    write_images(folder / "pictures", small=True)
    fractions = SplitFractions(train=0.3, validation=0.2, test=0.5)
    config = BuildConfig(name="df8k-demo", min_side=512, splits=fractions)
    build(candidates([str(folder / "pictures")]), folder / "dataset", config, workers=1)
    return df8k.load(folder / "dataset", split="test")


@pytest.fixture
def workplace(demo, tmp_path, monkeypatch):
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "dataset").symlink_to(demo.root)
    monkeypatch.chdir(folder)
    return folder


def run(words, code=0):
    words = [
        name for word in words for name in (sorted(map(str, Path().glob(word))) if "*" in word else [word])
    ]
    assert words[0] == "df8k"
    done = CliRunner().invoke(cli, words[1:])
    assert done.exit_code == code, f"{words}\n{done.output}{done.stderr}"
    return done


def test_public_methods_by_name(workplace, served):  # noqa: F811 - the fixture
    written = commands("methods", "Public methods by name")
    assert [words[1] for words in written] == ["method", "method", "weights", "evaluate", "method"]
    for words in written:
        run(words)
    result = json.loads(Path("lama.json").read_text())
    assert result["method"]["settings"]["strategy"] == "crop:512"
    assert result["sizes"][0]["n"] >= 3
    assert Path("mat/mat.py").is_file()


def test_what_a_strategy_costs(workplace, served):  # noqa: F811 - the fixture
    for words in commands("methods", "What a strategy costs"):
        done = run(words)
    assert "is the cheapest within a tie of the best" in done.output
    assert Path("lama-strategies/report.md").is_file()


def test_exports_and_their_parity(workplace):
    pytest.importorskip("onnx")
    grey = lama(512)
    Path("model.onnx").write_bytes(grey)
    Path("model-int8.onnx").write_bytes(grey)
    Path("model.json").write_text('{"like": "lama-onnx"}')
    Path("model-int8.json").write_text('{"like": "lama-onnx"}')
    export, parity = commands("methods", "Exports and their parity")
    gated = run(
        [*export, "--limit", "2", "--json"], code=1
    )  # what docs say: bytes choose other sources, and are marked
    told = json.loads(gated.stdout)
    assert told["precision"] == "int8"
    assert not told["parity"]["passed"]
    (of_size,) = told["parity"]["sizes"]
    assert of_size["verdict"] == "below the gate"
    assert of_size["psnr_db"] < 40
    assert "equal" in run(parity).output


def test_stochastic_methods_and_sloppy_masks(workplace):
    Path("sampler.py").write_text(SAMPLER)
    for heading in ("Stochastic methods", "Sloppy masks"):
        for words in commands("methods", heading):
            done = run(words)
    assert json.loads(Path("sampler.json").read_text())["samples"]["seeds"] == [0, 1, 2, 3]
    assert "sloppy masks, scored in the exact hole" in done.output
    assert Path("telea.sweep.512.svg").is_file()


def test_votes_of_people(workplace):
    *made, score, site = commands("leaderboard", "Votes of people")
    for words in made:
        run(words)
    key = read_key(Path("vote-key.json"))
    for voter in range(2):
        votes = [
            {
                "pair": pair.pair,
                "choice": pair.catch or ("left" if pair.left == "patchmatch" else "right"),
                "ms": 900,
            }
            for pair in key.pairs
        ]
        ballot = {"study": key.study, "voter": f"{voter:016x}", "votes": votes}
        Path(f"votes-{voter}.json").write_text(json.dumps(ballot))
    assert "patchmatch" in run(score).output
    run(site)
    assert "human votes" in Path("site/index.html").read_text()


def test_paired_removal(workplace):
    for words in commands("dataset", "Paired removal"):
        run(words)
    assert list(Path("sheets").glob("*.png"))
    assert list(Path("shards").glob("*.tar"))


@pytest.mark.parametrize(
    "words",
    [
        "method known",
        "method init",
        "method check",
        "method parity",
        "weights list",
        "weights fetch",
        "strategies",
        "export",
        "evaluate",
        "vote build",
        "vote score",
        "leaderboard build",
        "removal example",
        "removal build",
        "removal pack",
        "removal score",
    ],
)
def test_each_of_them_prints_json(words):
    page = CliRunner().invoke(cli, [*words.split(), "--help"])
    assert page.exit_code == 0
    assert "--json" in page.output
