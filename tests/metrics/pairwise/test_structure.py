"""MS-SSIM, GMSD and HaarPSI against their reference implementations."""

import numpy as np
import piq
import pytest
import pytorch_msssim
import torch
from torchmetrics.functional.image import (
    multiscale_structural_similarity_index_measure,
    structural_similarity_index_measure,
)

import metrics
from metrics.halving import halve, halve_mask
from metrics.pairwise.ms_ssim import _EXPONENTS
from tests.metrics.pictures import blob, composite, noisy, scene

EVEN, ODD = (240, 272), (179, 251)


def tensor(image):
    return torch.from_numpy(image).permute(2, 0, 1)[None].double()


def pair(shape, sigma=20):
    target = scene(*shape)
    return noisy(target, sigma), target, blob(*shape)


def value(prediction, target, mask, key):
    return metrics.compute(prediction, target, mask, names=[key.partition(".")[0]])[key]


def torchmetrics_scales(prediction, target):
    """Contrast-structure of four scales and valid SSIM of the fifth, from torchmetrics' own maps."""
    x, y = tensor(prediction), tensor(target)
    for scale in range(5):
        settings = {"sigma": 1.5, "data_range": 255.0}
        if scale < 4:
            _, contrast = structural_similarity_index_measure(
                x, y, **settings, return_contrast_sensitivity=True
            )
            yield contrast.item()
        else:
            _, full = structural_similarity_index_measure(x, y, **settings, return_full_image=True)
            yield full[..., 5:-5, 5:-5].mean().item()
        x, y = torch.nn.functional.avg_pool2d(x, 2), torch.nn.functional.avg_pool2d(y, 2)


@pytest.mark.parametrize("shape", [EVEN, ODD])
def test_ms_ssim_is_built_from_the_scales_of_torchmetrics(shape):
    prediction, target, mask = pair(shape)
    expected = np.prod(
        [v**e for v, e in zip(torchmetrics_scales(prediction, target), _EXPONENTS, strict=True)]
    )
    assert value(prediction, target, mask, "ms-ssim.full") == pytest.approx(expected, rel=1e-9)


def test_ms_ssim_differs_from_torchmetrics_by_its_padded_last_scale_alone():
    prediction, target, mask = pair(EVEN)
    theirs = multiscale_structural_similarity_index_measure(
        tensor(prediction), tensor(target), data_range=255.0
    ).item()
    assert value(prediction, target, mask, "ms-ssim.full") == pytest.approx(theirs, abs=5e-5)


def test_ms_ssim_of_grey_pictures_equals_pytorch_msssim():
    prediction, target, mask = pair(EVEN)
    prediction, target = (np.repeat(image[..., :1], 3, axis=2) for image in (prediction, target))
    theirs = pytorch_msssim.ms_ssim(tensor(prediction), tensor(target), data_range=255).item()
    assert value(prediction, target, mask, "ms-ssim.full") == pytest.approx(theirs, rel=1e-6)


def test_ms_ssim_needs_176_pixels_and_says_so():
    target = scene(175, 300)
    scores = metrics.compute(target, target, blob(175, 300), names=["ms-ssim"])
    assert scores["ms-ssim.full"] is None
    assert "176 pixels a side" in scores.reasons["ms-ssim.full"]
    assert value(scene(176, 176), scene(176, 176), blob(176, 176), "ms-ssim.full") == 1


def test_the_pyramid_holds_exact_sums():
    image = np.full((33, 47, 3), 255, np.uint8)
    for scale in range(1, 5):
        image = halve(image)
        assert (image == 255 * 4**scale).all()
    mask = np.zeros((5, 7), bool)
    mask[1, 3] = mask[4, 6] = True
    np.testing.assert_array_equal(halve_mask(mask), [[False, True, False], [False, False, False]])


@pytest.mark.parametrize("shape", [EVEN, ODD, (64, 65), (37, 48)])
def test_gmsd_equals_piq(shape):
    prediction, target, mask = pair(shape)
    theirs = piq.gmsd(tensor(prediction), tensor(target), data_range=255).item()
    assert value(prediction, target, mask, "gmsd.full") == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("shape", [EVEN, (180, 252), (64, 66)])
def test_haarpsi_equals_piq(shape):
    prediction, target, mask = pair(shape)
    theirs = piq.haarpsi(tensor(prediction), tensor(target), data_range=255).item()
    assert value(prediction, target, mask, "haarpsi.full") == pytest.approx(theirs, rel=1e-9)


def test_haarpsi_of_flat_black_has_no_value():
    black = np.zeros((40, 40, 3), np.uint8)
    scores = metrics.compute(black, black, blob(40, 40), names=["haarpsi"])
    assert scores["haarpsi.full"] is None
    assert "structure" in scores.reasons["haarpsi.full"]


@pytest.mark.parametrize("name", ["ms-ssim", "gmsd", "haarpsi"])
def test_the_wide_hole_of_a_composite_holds_every_change(name):
    prediction, target, mask = pair(EVEN, 40)
    scores = metrics.compute(composite(prediction, target, mask), target, mask, names=[name])
    better = (lambda a, b: a > b) if metrics.get(name).higher_is_better else (lambda a, b: a < b)
    assert better(scores[f"{name}.full"], scores[f"{name}.hole-wide"])
