"""The contact sheet of a run."""

import cv2
import numpy as np
import pytest

import baselines
from baselines.rethined import explain

from .conftest import blobs


@pytest.fixture(scope="module")
def method():
    return baselines.load("rethined", backend="torch", working_resolution=256)


def test_sheet_shows_six_panels(method, photo, tmp_path):
    mask = blobs(photo.shape[:2], 0.2)
    path = explain(method, photo, mask, tmp_path / "new" / "sheet.png", panel_px=320)
    sheet = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    assert sheet.shape == (2 * 350, 3 * 332, 3)
    first = cv2.resize(
        np.where(mask[..., None], 0, photo).astype(np.uint8), (320, 320), interpolation=cv2.INTER_AREA
    )
    last = cv2.resize(method(photo, mask), (320, 320), interpolation=cv2.INTER_AREA)
    assert np.array_equal(sheet[30:350, :320], first)
    assert np.array_equal(sheet[380:, 664:984], last)
    assert [p.name for p in path.parent.iterdir()] == ["sheet.png"]


def test_draws_the_sources_of_chosen_points(method, photo, tmp_path):
    mask = blobs(photo.shape[:2], 0.2)
    y, x = np.argwhere(mask)[1000]
    path = explain(method, photo, mask, tmp_path / "one.png", points=[(int(y), int(x))], panel_px=512)
    panel = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)[30 + 512 + 30 :, :512]
    assert (panel == (230, 60, 60)).all(axis=2).sum() > 50
    known = np.argwhere(~mask)[0]
    with pytest.raises(baselines.MethodError, match="is not in the hole"):
        explain(method, photo, mask, tmp_path / "two.png", points=[tuple(known)])


@pytest.mark.parametrize("share", [0, 1])
def test_nothing_or_everything_missing(method, photo, tmp_path, share):
    mask = np.full(photo.shape[:2], bool(share))
    assert explain(method, photo, mask, tmp_path / "sheet.png").exists()


def test_other_methods_have_no_stages(photo, tmp_path):
    with pytest.raises(baselines.MethodError, match="got MeanFill"):
        explain(baselines.load("mean"), photo, np.zeros(photo.shape[:2], bool), tmp_path / "x.png")
