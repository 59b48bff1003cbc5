"""``df8k score --no-reference`` as it is typed: filled pictures and masks, no originals."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from df8k.cli import cli


def run(*words, code=0):
    result = CliRunner().invoke(cli, ["score", *map(str, words)])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def removals(tmp_path):
    """A clean fill and a flat one of the same grain, with their masks."""
    folder, holes = tmp_path / "filled", tmp_path / "holes"
    folder.mkdir()
    holes.mkdir()
    grain = np.random.default_rng(0).integers(90, 140, (96, 128, 3)).astype(np.uint8)
    hole = np.zeros((96, 128), np.uint8)
    hole[24:72, 32:96] = 255
    flat = grain.copy()
    flat[hole > 0] = 115
    for name, image in (("clean", grain), ("flat", flat)):
        Image.fromarray(image).save(folder / f"{name}.png")
        Image.fromarray(hole).save(holes / f"{name}.png")
    return folder, holes


def test_pictures_are_scored_by_their_masks_alone(removals, tmp_path):
    folder, holes = removals
    out = tmp_path / "scores.json"
    words = ("--no-reference", "--predictions", folder, "--masks", holes, "--out", out)
    shown = run(*words)
    assert "surroundings.hole" in shown.output
    result = json.loads(out.read_text())
    clean, flat = result["pictures"]
    assert (clean["picture"], flat["picture"], result["scored"]) == ("clean.png", "flat.png", 2)
    assert clean["filled"] == pytest.approx(0.25)
    assert flat["surroundings.hole"] > 3 * clean["surroundings.hole"]
    assert result["means"]["surroundings.hole"] == pytest.approx(
        (clean["surroundings.hole"] + flat["surroundings.hole"]) / 2
    )
    assert "--overwrite" in run(*words, code=2).output
    again = run(*words, "--overwrite", "--json")
    assert json.loads(again.stdout) == result


def test_a_picture_without_its_mask_is_named_and_counted(removals, tmp_path):
    folder, holes = removals
    (holes / "flat.png").unlink()
    out = tmp_path / "scores.json"
    shown = run("--no-reference", "--predictions", folder, "--masks", holes, "--out", out, code=1)
    assert "flat.png: " in shown.output
    assert "must hold one mask called flat.*" in shown.output
    assert json.loads(out.read_text())["scored"] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--no-reference"], "--no-reference needs --masks"),
        (["--no-reference", "--masks", "m.png", "--data", "d"], "takes no --data"),
        (["--masks", "m.png", "--data", "d"], "unless --no-reference is given"),
        ([], "--data is needed"),
    ],
)
def test_options_that_do_not_fit_are_refused(words, said, tmp_path):
    shown = run("--predictions", tmp_path, "--out", tmp_path / "out.json", *words, code=2)
    assert said in shown.output


def test_an_empty_folder_is_told(tmp_path):
    words = ("--no-reference", "--predictions", tmp_path, "--masks", "m.png", "--out", tmp_path / "out.json")
    assert "no pictures there" in run(*words, code=2).output
