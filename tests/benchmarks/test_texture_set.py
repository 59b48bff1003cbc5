"""Texture set of the benchmarks: one scene and one hole at every size, and a run that goes on."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def pictures():
    sys.path.insert(0, str(ROOT))
    try:
        from texture_set.pictures import texture_set
    finally:
        sys.path.remove(str(ROOT))
    return {picture.name: picture for picture in texture_set()}


def test_every_picture_has_an_origin_and_a_licence(pictures):
    assert len(pictures) == 16
    assert all(picture.origin and picture.licence for picture in pictures.values())


@pytest.mark.parametrize("name", ["tiles", "fabric", "water", "pebbles"])
def test_a_drawing_is_one_scene_at_every_size(pictures, name):
    small, large = (pictures[name].at(side).astype(float) for side in (128, 512))
    reduced = cv2.resize(large, (128, 128), interpolation=cv2.INTER_AREA)
    assert np.corrcoef(small.ravel(), reduced.ravel())[0, 1] > 0.7
    assert np.array_equal(pictures[name].at(128), small)


def test_the_hole_keeps_its_shape(pictures):
    for kind, (low, high) in {"object": (0.02, 0.31), "large": (0.29, 0.51)}.items():
        small, large = (pictures["wall"].hole(kind, side) for side in (128, 512))
        assert low < large.mean() < high
        assert np.mean(small != large[2::4, 2::4]) < 0.02


def test_a_run_writes_scores_and_sheets_and_goes_on(tmp_path):
    words = ["--methods", "mean", "no-such-method", "--sizes", "96", "--holes", "object", "--metrics", "l1"]
    command = [sys.executable, str(ROOT / "bench_texture_set.py"), "--out", str(tmp_path), *words]
    for pictures in (["tiles"], ["tiles", "wall"]):
        done = subprocess.run(
            [*command, "--pictures", *pictures], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "no-such-method is left out" in done.stdout
    assert "tiles" not in "".join(line for line in done.stdout.splitlines() if line.startswith("96 object"))
    results = json.loads((tmp_path / "results.json").read_text())
    assert [entry["picture"] for entry in results] == ["tiles", "wall"]
    assert set(results[0]["scores"]) == {"l1", "energy"}
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["cells"][0]["n"] == 2
    assert cv2.imread(str(tmp_path / "sheet-96-object.png")).shape[1] == 20 + 4 * 304
