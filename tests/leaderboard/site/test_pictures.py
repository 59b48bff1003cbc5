"""Crops lie around the hole and show exactly the pixels that were scored."""

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import leaderboard
from leaderboard.protocol.task import square_task
from leaderboard.site.pictures import views as pictures


@given(
    st.integers(20, 150),
    st.integers(20, 150),
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.integers(3, 60)), max_size=4),
)
def test_crops_are_inside_hold_hole_and_surroundings_and_differ(height, width, holes):
    mask = np.zeros((height, width), bool)
    for y, x, side in holes:
        top, left = int(y * height), int(x * width)
        mask[top : top + side, left : left + side] = True
    found = pictures.crops(mask, side=32, count=3)
    assert len({(window.x, window.y) for window in found}) == len(found) <= 3
    assert min(height, width) > 32 or not found
    for window in found:
        part = window.of(mask)
        assert part.shape == (32, 32)
        assert 0 < part.sum() < part.size


def test_the_first_crop_is_the_one_with_the_most_of_both():
    mask = np.zeros((64, 64), bool)
    mask[:4, :4] = True
    mask[40:60, 40:60] = True
    first = pictures.crops(mask, side=32)[0]
    assert first.of(mask).sum() == 400


def test_the_outline_encloses_the_hole_and_covers_little():
    mask = np.zeros((60, 80), bool)
    mask[20:40, 30:60] = True
    drawn = pictures.outline(mask)
    assert drawn.shape == (60, 80, 4)
    assert drawn[20, 30].tolist() == [255] * 4
    assert drawn[30, 45, 3] == 0
    assert drawn[5, 5, 3] == 0


def test_a_picture_without_reduction_is_the_composited_prediction_bit_by_bit(site, results, dataset):
    folder = site.page.parent / "pages" / "pictures"
    sample = next(sample for sample in dataset if min(sample.image.shape[:2]) >= 100)
    task = square_task(sample, 100)
    shown = folder / sample.id / "100"
    prediction = np.asarray(Image.open(results[1].parent / "telea" / "100" / f"{sample.id}.png"))
    assert np.array_equal(np.asarray(Image.open(shown / "whole-method-telea.webp")), prediction)
    assert np.array_equal(np.asarray(Image.open(shown / "whole-original.webp")), task.target)
    hidden = np.asarray(Image.open(shown / "whole-input.webp"))
    assert not hidden[task.mask].any()
    assert np.array_equal(hidden[~task.mask], task.target[~task.mask])


def test_the_viewer_is_told_of_exactly_the_files_there_are(site, dataset):
    pages = site.page.parent / "pages"
    for sample in dataset:
        text = (pages / "images" / f"{sample.id}.html").read_text()
        data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])
        told = {
            f"{found['size']}/{view['name']}-{source}"
            for found in data["sizes"]
            for view in found["views"]
            for source in [
                "original.webp",
                "input.webp",
                "outline.png",
                *(f"method-{method}.webp" for method in found["methods"]),
            ]
        }
        there = {
            str(path.relative_to(pages / "pictures" / sample.id))
            for path in (pages / "pictures" / sample.id).rglob("*.*")
        }
        assert told == there


def test_pictures_of_another_size_or_method_are_refused(results, dataset, tmp_path):
    sample = dataset[0]
    (tmp_path / "64").mkdir()
    Image.new("RGB", (9, 9)).save(tmp_path / "64" / f"{sample.id}.png")
    with pytest.raises(leaderboard.LeaderboardError, match=r"holds \(9, 9, 3\), expected \(64, 64, 3\)"):
        leaderboard.build_site(results, tmp_path / "site", dataset=dataset, predictions={"mean": tmp_path})
    assert not (tmp_path / "site" / "pages").exists()
    with pytest.raises(leaderboard.LeaderboardError, match="given for lama, the results are of mean"):
        leaderboard.build_site(results, tmp_path / "site", dataset=dataset, predictions={"lama": tmp_path})
    with pytest.raises(leaderboard.LeaderboardError, match="is no folder"):
        leaderboard.build_site(
            results, tmp_path / "site", dataset=dataset, predictions={"mean": tmp_path / "none"}
        )


def test_pictures_beside_a_result_are_found(results, dataset, tmp_path):
    for suffix in (".json", ".parquet"):
        (tmp_path / f"telea{suffix}").write_bytes(results[1].with_suffix(suffix).read_bytes())
    (tmp_path / "telea.predictions").symlink_to(results[1].parent / "telea")
    leaderboard.build_site([tmp_path / "telea.json"], tmp_path / "site", dataset=dataset)
    assert list((tmp_path / "site" / "pages" / "pictures").rglob("whole-method-telea.webp"))
