"""Distance of a fill from its surroundings: planted fills are ordered as one sees them."""

import numpy as np
import pytest
from scipy import ndimage
from skimage import data

import metrics


def scene(name="gravel"):
    grey = getattr(data, name)()
    return np.ascontiguousarray(np.repeat(grey[..., None], 3, axis=2))


def hole(side=512):
    y, x = np.mgrid[:side, :side]
    return (y - 250) ** 2 + (x - 230) ** 2 < 90**2


def planted(image, mask):
    """The same hole, filled in five ways."""
    blurred = ndimage.gaussian_filter(image, (4, 4, 0))
    moved = np.roll(image, 200, axis=1)  # texture from beside the hole
    shades = np.random.default_rng(0).integers(0, 256, image.shape).astype(np.uint8)
    seam = np.clip(moved.astype(int) + 30, 0, 255).astype(np.uint8)
    fills = {
        "copied": moved,
        "blurred": blurred,
        "noise": shades,
        "seam": seam,
        "flat": np.full_like(image, 128),
    }
    return {name: np.where(mask[..., None], fill, image) for name, fill in fills.items()}


@pytest.mark.parametrize("name", ["gravel", "grass", "brick"])
def test_planted_fills_are_ordered(name):
    image, mask = scene(name), hole()
    scores = {kind: metrics.assess(fill, mask) for kind, fill in planted(image, mask).items()}
    original = metrics.assess(image, mask)
    for region in ("surroundings.hole", "surroundings.boundary"):
        copied = scores["copied"][region]
        assert abs(copied - original[region]) < 0.15
        for worse in ("blurred", "noise", "seam", "flat"):
            assert scores[worse][region] > 1.3 * copied, (region, worse)
        assert scores["flat"][region] > scores["blurred"][region]


def test_a_seam_alone_shows_at_the_boundary():
    image = np.full((256, 256, 3), 120, np.uint8)
    mask = np.zeros((256, 256), bool)
    mask[80:176, 80:176] = True
    stepped = image.copy()
    stepped[mask] = 132
    assert metrics.assess(image, mask)["surroundings.boundary"] == 0
    assert metrics.assess(stepped, mask)["surroundings.boundary"] > 0.2


def test_blur_is_no_fault_where_everything_is_smooth():
    y, x = np.mgrid[:256, :256]
    image = np.stack([100 + x // 16, 90 + y // 16, 80 + (x + y) // 32], axis=2).astype(np.uint8)
    mask = np.zeros((256, 256), bool)
    mask[100:150, 90:160] = True
    fill = np.where(mask[..., None], ndimage.gaussian_filter(image, (3, 3, 0)), image)
    assert metrics.assess(fill, mask)["surroundings.hole"] < 0.3


def test_what_it_is_blind_to_stays_documented():
    """One known patch repeated over the hole is near its surroundings: repetition does not show."""
    image, mask = scene(), np.zeros((512, 512), bool)
    mask[160:320, 160:320] = True
    tile = image[160:176, 128:144]
    repeated = image.copy()
    repeated[160:320, 160:320] = np.tile(tile, (10, 10, 1))
    assert metrics.assess(repeated, mask)["surroundings.hole"] < 0.5


@pytest.mark.parametrize("height", [1, 7, 1000])
def test_strips_never_change_a_value(height, monkeypatch):
    from metrics import pair
    from metrics.no_reference import surroundings

    image, mask = scene(), hole()
    usual = metrics.assess(image, mask)
    original = pair.in_strips
    monkeypatch.setattr(surroundings, "in_strips", lambda work, rows, _: original(work, rows, height))
    assert metrics.assess(image, mask) == usual


@pytest.mark.parametrize("extent", [(1, 1), (16, 16), (17, 17), (40, 9)])
def test_small_pictures_have_a_value_or_a_reason(extent):
    image, mask = np.zeros((*extent, 3), np.uint8), np.zeros(extent, bool)
    mask[0, 0] = True
    scores = metrics.assess(image, mask)
    assert all(value == 0 or scores.reasons[key] for key, value in scores.items())


def test_the_original_has_no_influence():
    image, mask = scene(), hole()
    alone = metrics.assess(image, mask)
    assert metrics.compute(image, 255 - image, mask, names=["surroundings"]) == alone


def test_metrics_that_need_an_original_are_refused():
    with pytest.raises(metrics.MetricError, match="'psnr' needs originals"):
        metrics.assess(scene(), hole(), names=["psnr"])
