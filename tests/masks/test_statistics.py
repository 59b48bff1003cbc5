from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

import masks


def plate():
    mask = np.zeros((64, 128), bool)
    mask[10:30, 20:40] = True  # 20 x 20
    mask[15:20, 25:30] = False  # with an enclosed island
    mask[50:, 100:110] = True  # touches the bottom
    mask[5, 5] = True  # a speck
    return mask


def test_measures_of_a_drawn_mask():
    found = masks.describe(plate())
    missing = 400 - 25 + 140 + 1
    assert found.coverage == missing / (64 * 128)
    assert found.components == 3
    assert found.largest_share == 375 / missing
    assert found.tiny == 0  # one pixel of 8192 is more than 1 / 10,000
    assert found.sides_touched == 1
    assert found.border_share == 10 / (2 * (64 + 128) - 4)
    assert found.known_parts == 2
    assert found.perimeter == (80 + 20 + 14 * 2 + 10 + 4) / 64
    assert found.clean_8 + found.mixed_8 + found.full_8 == pytest.approx(1)
    assert found.full_16 == pytest.approx(plate().reshape(32, 2, 64, 2).all((1, 3)).mean())
    exact = ndimage.distance_transform_edt(plate())
    assert found.depth_max == pytest.approx(exact.max() / 64, rel=1e-6)
    assert found.depth_mean == pytest.approx(exact[plate()].mean() / 64, rel=1e-6)


def test_degenerate_masks_are_measured():
    empty = masks.describe(np.zeros((1, 1), bool))
    assert (empty.coverage, empty.components, empty.largest_share, empty.depth_max) == (0, 0, 0, 0)
    full = masks.describe(np.ones((3, 5), bool))
    assert (full.coverage, full.sides_touched, full.known_parts) == (1, 4, 0)


def test_summary_counts_and_averages():
    summary = masks.summarize([plate(), np.zeros((64, 64), bool)])
    assert summary["n"] == 2
    assert summary["measures"]["components"]["mean"] == 1.5
    assert summary["measures"]["components"]["max"] == 3
    assert sum(entry["share"] for entry in summary["coverage_bins"]) == 1
    assert summary["sides_touched_shares"] == [0.5, 0.5, 0, 0, 0]
    heat = np.array(summary["mean_mask"])
    assert heat.shape == (64, 64)
    assert heat.mean() == pytest.approx(plate().mean() / 2, abs=1e-6)


def test_mean_mask_of_small_masks_shows_their_pixels():
    small = np.eye(16, dtype=bool)
    np.testing.assert_array_equal(masks.summarize([small])["mean_mask"], np.kron(small, np.ones((4, 4))))
    with pytest.raises(masks.MaskError, match="no masks"):
        masks.summarize([])


def test_preset_statistics_say_how_masks_came_about():
    found = masks.preset_statistics("df8k", count=20, size=128)
    assert found["preset"] == "band-30-50-v1"
    assert found["size"] == [128, 128]
    assert sum(found["families"].values()) == pytest.approx(1)
    assert found["attempts"]["mean"] >= 1
    assert found["measures"]["coverage"]["min"] >= 0.295
    assert found["root_sha256"] == masks.preset_statistics("df8k", count=20, size=64)["root_sha256"]


def test_pictures_show_what_they_are_given():
    sheet = Image.open(BytesIO(masks.contact_sheet([plate()] * 3, columns=2, captions=["a", "b", ""])))
    assert sheet.size == (2 * 132 + 4, 2 * (64 + 14 + 4) + 4)
    assert sheet.convert("RGB").getpixel((4 + 22, 4 + 14 + 12)) == (38, 70, 115)
    heat = Image.open(BytesIO(masks.heat_map(np.eye(8).tolist(), cell=3)))
    assert heat.size == (24, 24)
    assert heat.convert("RGB").getpixel((10, 0)) == (255, 255, 255)
    with pytest.raises(masks.MaskError, match="as many captions"):
        masks.contact_sheet([plate()], captions=[])
