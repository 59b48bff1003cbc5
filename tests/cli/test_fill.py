"""``df8k fill`` as it is typed."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from df8k.cli import cli


def run(*words, code=0):
    result = CliRunner().invoke(cli, ["fill", *map(str, words)])
    assert result.exit_code == code, result.output
    return result


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


@pytest.fixture
def photos(tmp_path):
    """Two photographs, and a folder with a mask for each."""
    folder, holes = tmp_path / "photos", tmp_path / "holes"
    folder.mkdir()
    holes.mkdir()
    ramp = np.tile(np.arange(64, dtype=np.uint8)[:, None, None] * 3, (1, 80, 3))
    for name, left in (("a", 10), ("b", 40)):
        Image.fromarray(ramp).save(folder / f"{name}.png")
        hole = np.zeros((64, 80), np.uint8)
        hole[20:40, left : left + 20] = 255
        Image.fromarray(hole).save(holes / f"{name}.png")
    return folder, holes


def test_one_photograph(photos, tmp_path):
    folder, holes = photos
    out = tmp_path / "filled.png"
    result = run(folder / "a.png", holes / "a.png", "--method", "harmonic", "--out", out, "--sheet")
    assert "80 x 64, 7.8% filled" in result.output
    filled, original = pixels(out), pixels(folder / "a.png")
    assert np.abs(filled.astype(int) - original).max() <= 2  # a ramp is harmonic
    assert pixels(tmp_path / "filled.sheet.png").shape == (64, 168, 3)
    again = run(folder / "a.png", holes / "a.png", "--method", "mean", "--out", out, code=2)
    assert "--overwrite" in again.output
    assert np.array_equal(pixels(out), filled)
    run(folder / "a.png", holes / "a.png", "--method", "mean", "--out", out, "--overwrite")
    assert not np.array_equal(pixels(out), filled)


@pytest.mark.parametrize("pattern", [False, True])
def test_a_folder_goes_on_where_it_stopped(photos, tmp_path, pattern):
    folder, holes = photos
    photo = f"{folder}/*.png" if pattern else folder
    words = (photo, holes, "--method", "mean", "--out", tmp_path / "filled", "--json")
    assert [row["status"] for row in json.loads(run(*words).output)["photos"]] == ["filled", "filled"]
    (tmp_path / "filled/a.png").unlink()
    assert [row["status"] for row in json.loads(run(*words).output)["photos"]] == ["filled", "kept"]


def test_one_bad_photograph_does_not_end_the_others(photos, tmp_path):
    folder, holes = photos
    (folder / "a.png").write_bytes(b"torn")
    result = run(folder, holes, "--method", "mean", "--out", tmp_path / "filled", code=1)
    assert "a.png" in result.stderr
    assert (tmp_path / "filled/b.png").exists()
    assert not (tmp_path / "filled/a.png").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["absent.png", "preset:df8k"], "absent.png"),
        (["{photos}", "{empty}"], "must hold one mask called a"),
        (["{empty}", "preset:df8k"], "no photographs there"),
        (["{photos}/a.png", "preset:df8k", "--method", "patchmtch"], "did you mean patchmatch"),
    ],
)
def test_what_does_not_fit_is_refused_before_the_work(photos, tmp_path, words, message):
    folder, _ = photos
    (tmp_path / "empty").mkdir()
    filled = [word.format(photos=folder, empty=tmp_path / "empty") for word in words]
    result = run(*filled, "--out", tmp_path / "out.png", code=2)
    assert message in " ".join(result.output.split())
    assert not (tmp_path / "out.png").exists()
