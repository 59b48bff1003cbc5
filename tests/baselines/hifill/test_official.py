"""The public pipelines: one against its original, the other against its published steps."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from baselines.hifill.inference.official import fill_official, official_scale


def graph_input():
    y, x = np.mgrid[0:900, 0:1300]
    waves = [
        np.sin(9 * x / 1300 + 3 * y / 900),
        np.cos(13 * y / 900 - 5 * x * y / (900 * 1300)),
        np.sin(40 * x * y / (900 * 1300)),
    ]
    grain = np.random.RandomState(0).uniform(-40, 40, (900, 1300, 3))
    bgr = np.clip(np.stack(waves, axis=-1) * 80 + 127 + grain, 0, 255).astype(np.uint8)
    mask = np.zeros((900, 1300), bool)
    mask[261:512, 487:901] = mask[700:721, 50:455] = True
    return np.ascontiguousarray(bgr[:, :, ::-1]), mask


def test_graph_variant_equals_the_original_pipeline(network):
    image, mask = graph_input()
    with np.load(Path(__file__).with_name("graph_pipeline.npz")) as golden:
        every9, crop = golden["every9"].astype(int), golden["crop"].astype(int)
    ours = fill_official(image, mask, network, "graph", 2)[:, :, ::-1]
    for found, expected in ((ours[::9, ::9], every9), (ours[240:300, 470:530], crop)):
        difference = np.abs(found - expected)
        assert difference.max() <= 1
        assert (difference > 0).mean() < 1e-3
    assert (crop != image[240:300, 470:530, ::-1]).mean() > 0.3


def demo(raw, mask, network, multiple):
    """The demo script's arithmetic with whole matrices, on RGB."""
    raw_mask = (~mask).astype(np.float32)
    raw, side = raw.astype(np.float32), 512 * multiple
    large = cv2.resize(raw, (side, side))
    large_mask = cv2.resize(raw_mask, (side, side), interpolation=cv2.INTER_NEAREST)
    small = large.reshape(512, multiple, 512, multiple, 3).mean((1, 3))
    small_mask = 1 - cv2.resize(raw_mask, (512, 512), interpolation=cv2.INTER_NEAREST)
    filled, attention, _ = network(small, small_mask > 0)
    residual = (large - cv2.resize(small, (side, side))) * large_mask[..., None]
    cell = side // 32
    patches = residual.reshape(32, cell, 32, cell, 3).transpose(0, 2, 1, 3, 4).reshape(1024, -1)
    mixed = (attention.numpy() @ patches).reshape(32, 32, cell, cell, 3).transpose(0, 2, 1, 3, 4)
    result = np.clip(cv2.resize(filled, (side, side)) + mixed.reshape(side, side, 3), 0, 255)
    result = cv2.resize(result, raw.shape[1::-1])
    kernel = cv2.getGaussianKernel(7, 1.0)
    blurred = cv2.filter2D(small_mask, -1, kernel @ kernel.T, borderType=cv2.BORDER_CONSTANT)
    paste = cv2.resize(blurred, raw.shape[1::-1])[..., None]
    return (result * paste + raw * (1 - paste)).astype(np.uint8)


def test_demo_variant_equals_its_published_steps(picture, network):
    image = picture(700, 1000)
    mask = np.zeros((700, 1000), bool)
    mask[200:300, 300:520] = mask[:40, :60] = mask[-5:, 700:] = True
    ours, expected = fill_official(image, mask, network, "demo", 2), demo(image, mask, network, 2)
    difference = np.abs(ours.astype(int) - expected)
    assert difference.max() <= 1
    assert (difference > 0).mean() < 1e-3
    assert (ours != image)[mask].mean() > 0.9


@pytest.mark.parametrize("variant", ["demo", "graph"])
def test_public_pipelines_do_depend_on_what_is_under_the_mask(picture, network, variant):
    image = picture(512, 512)
    mask = np.zeros((512, 512), bool)
    mask[200:300, 200:300] = True
    planted = image.copy()
    planted[mask] = 255
    first = fill_official(image, mask, network, variant, 1)
    second = fill_official(planted, mask, network, variant, 1)
    assert (first != second)[mask].any()


@pytest.mark.parametrize(
    ("size", "scale"), [((512, 512), 1), ((513, 40), 2), ((4096, 8192), 16), ((5, 5), 1)]
)
def test_scale_rule(size, scale):
    assert official_scale(np.zeros((*size, 3), np.uint8)) == scale
