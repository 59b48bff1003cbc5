"""Curation checks on pictures made for them; photographs are in test_photographs.py."""

import cv2
import numpy as np
import pytest
from pydantic import ValidationError

from df8k.checks import CHECKS, Picture, complete, inspect, score_names
from df8k.config import BuildConfig

SIDE = 1152


@pytest.fixture(scope="module")
def photo():
    """Pink noise in colour: the spectrum of a sharp photograph, and no structure that a check knows."""
    random = np.random.Generator(np.random.Philox(7))
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None])
    frequency[0, 0] = np.inf
    planes = []
    for _ in range(3):
        phase = np.fft.rfft2(random.standard_normal((SIDE, SIDE)))
        planes.append(np.fft.irfft2(phase / frequency))
    shared = planes[0] * 2
    planes = [shared + plane for plane in planes]
    pixels = np.stack([128 + 45 * plane / plane.std() for plane in planes], axis=2)
    return np.clip(pixels, 0, 255).astype(np.uint8)


SETTINGS = complete({"resolution": {"min_side": 1024}, "noise": {"off": True}})


def reason(pixels: np.ndarray, settings=SETTINGS) -> str:
    return inspect(Picture(np.ascontiguousarray(pixels)), settings).reason


def test_a_sharp_picture_passes_with_every_score(photo):
    verdict = inspect(Picture(photo), complete({"resolution": {"min_side": 1024}}))
    assert verdict.reason in {"", "noise"}  # pink noise is noise to the one check that looks for it
    assert set(verdict.scores) == set(score_names())
    assert all(np.isfinite(value) for value in verdict.scores.values())
    assert reason(photo) == ""


def test_small_pictures_and_strips(photo):
    assert reason(photo[:1000]) == "resolution"
    assert reason(np.tile(photo, (1, 4, 1))) == "aspect"
    assert (
        reason(photo, complete({"resolution": {"min_megapixels": 2.0}, "noise": {"off": True}}))
        == "resolution"
    )


def test_grey_and_nearly_grey(photo):
    grey = np.repeat(photo[..., :1], 3, axis=2)
    assert reason(grey) == "grayscale"
    tinted = np.clip(grey * np.array([1.0, 0.95, 0.85]), 0, 255).astype(np.uint8)
    assert reason(tinted) == ""


@pytest.mark.parametrize("axis", [0, 1])
def test_frames_but_not_fading_edges(photo, axis):
    framed = photo.copy()
    bars = framed if axis == 0 else framed.transpose(1, 0, 2)
    bars[:60] = bars[-60:] = (250, 250, 250)
    assert reason(framed) == "border"
    one_sided = photo.copy()
    one_sided[:60] = 250
    assert reason(one_sided) == ""
    fading = photo.astype(np.float32)
    fading[:300] *= np.linspace(0, 1, 300)[:, None, None]
    fading[-300:] *= np.linspace(1, 0, 300)[:, None, None]
    assert reason(fading.astype(np.uint8)) == ""


@pytest.mark.parametrize(
    ("factor", "interpolation"),
    [
        (2, cv2.INTER_LANCZOS4),
        (3, cv2.INTER_CUBIC),
        (4, cv2.INTER_LINEAR),
        (4, cv2.INTER_CUBIC),
        (6, cv2.INTER_LANCZOS4),
    ],
)
def test_enlarged_pictures(photo, factor, interpolation):
    small = cv2.resize(photo, None, fx=1 / factor, fy=1 / factor, interpolation=cv2.INTER_AREA)
    assert reason(cv2.resize(small, (SIDE, SIDE), interpolation=interpolation)) == "upscaled"


def test_reduced_pictures_are_not_taken_for_enlarged_ones(photo):
    big = np.tile(photo, (2, 2, 1))
    assert reason(cv2.resize(big, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)) == ""


def test_blur_everywhere_but_not_a_soft_background(photo):
    soft = cv2.GaussianBlur(photo, (0, 0), 12)
    assert reason(soft) == "blur"
    soft[400:800, 400:800] = photo[400:800, 400:800]
    assert reason(soft) == ""


def test_gradients_and_renderings():
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    gradient = np.stack([255 * x, 255 * y, 128 + 0 * x], axis=2).astype(np.uint8)
    assert reason(gradient) == "flat"
    shapes = gradient.copy()
    for centre in ((300, 300), (800, 700)):
        cv2.circle(shapes, centre, 190, (20, 30, 200), -1, cv2.LINE_AA)
    assert reason(shapes) == "flat"


def blocks(pixels: np.ndarray) -> float:
    return inspect(Picture(np.ascontiguousarray(pixels)), SETTINGS).scores["compression_blocks"]


def test_jpeg_blocks(photo):
    smooth = cv2.GaussianBlur(photo, (0, 0), 4)
    coarse = cv2.imdecode(cv2.imencode(".jpg", smooth, (cv2.IMWRITE_JPEG_QUALITY, 5))[1], cv2.IMREAD_COLOR)
    fine = cv2.imdecode(cv2.imencode(".jpg", smooth, (cv2.IMWRITE_JPEG_QUALITY, 92))[1], cv2.IMREAD_COLOR)
    assert blocks(coarse) > 0.4
    assert blocks(coarse[3:, 5:]) > 0.4
    assert blocks(fine) < 0.2
    assert blocks(photo) < 0.1


def test_noise_is_measured_in_grey_levels():
    random = np.random.Generator(np.random.Philox(1))
    for sigma in (3, 15, 30):
        noisy = np.clip(random.normal(128, sigma, (SIDE, SIDE, 1)), 0, 255).astype(np.uint8)
        picture = Picture(np.repeat(noisy, 3, axis=2))
        measured = inspect(picture, complete({})).scores["noise_sigma"]
        assert measured == pytest.approx(sigma, rel=0.1)


def test_a_page_of_text():
    page = np.full((1400, 1100, 3), 252, np.uint8)
    for line in range(60, 1340, 26):
        cv2.putText(
            page, "The quick brown fox jumps over the lazy dog " * 2, (80, line), 1, 1.1, (15, 15, 15), 1
        )
    assert reason(page) == "document"


def test_settings_are_completed_and_checked():
    full = complete({"noise": {"highest": 3}})
    assert list(full) == [check.reason for check in CHECKS]
    assert full["noise"] == {"highest": 3.0}
    with pytest.raises(ValueError, match="no check is called noize"):
        complete({"noize": {}})
    with pytest.raises(ValidationError, match="higest"):
        complete({"noise": {"higest": 3}})
    with pytest.raises(ValidationError, match="no check is called"):
        BuildConfig(curation={"noize": {}})


def test_a_check_that_is_off_neither_rejects_nor_scores(photo):
    grey = np.repeat(photo[..., :1], 3, axis=2)
    verdict = inspect(Picture(grey), complete({"grayscale": {"off": True}, "noise": {"off": True}}))
    assert verdict.reason == ""
    assert not any(name.startswith("grayscale") for name in verdict.scores)


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (7, 5), (64, 64), (257, 255)])
def test_tiny_pictures_get_a_verdict(shape):
    pixels = np.random.Generator(np.random.Philox(3)).integers(0, 256, (*shape, 3), np.uint8)
    assert reason(pixels) == "resolution"


def moved(pixels, length, degrees):
    """The picture while a camera moves along a line."""
    offsets = np.linspace(-length / 2, length / 2, 8 * length)
    turn = np.deg2rad(degrees)
    side = length // 2 + 2
    kernel = np.zeros((2 * side + 1, 2 * side + 1), np.float32)
    for x, y in zip(side + offsets * np.cos(turn), side + offsets * np.sin(turn), strict=True):
        left, top = int(x), int(y)
        across, down = x - left, y - top
        kernel[top : top + 2, left : left + 2] += np.outer([1 - down, down], [1 - across, across])
    return cv2.filter2D(pixels, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)


def resaved(pixels, *qualities):
    for quality in qualities:
        data = cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, quality))[1]
        pixels = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return pixels


@pytest.mark.parametrize(("length", "degrees"), [(25, 0), (25, 45), (25, 120), (18, 30), (40, 90)])
def test_shake_along_a_line(photo, length, degrees):
    """The sharp picture passes; the moved one has the dip, and a direction without power."""
    still = inspect(Picture(resaved(photo, 95)), SETTINGS)
    assert still.scores["blur_shake"] < 5
    assert still.scores["blur_weakest"] > 1
    assert still.reason != "blur"
    verdict = inspect(Picture(resaved(moved(photo, length, degrees), 95)), SETTINGS)
    assert verdict.reason == "blur"
    assert verdict.scores["blur_shake"] > 7


@pytest.mark.parametrize("quality", [8, 10, 15])
@pytest.mark.parametrize("second", [90, 95, 98])
def test_a_coarse_jpeg_is_found_behind_a_fine_one(photo, quality, second):
    assert inspect(Picture(resaved(photo, quality, second)), SETTINGS).reason == "compression"
    for usual in (50, 75, 90):
        assert inspect(Picture(resaved(photo, usual, second)), SETTINGS).scores["compression_steps"] < 0.42
