"""The default pipeline: nothing leaks from under the mask, nothing changes around it."""

import cv2
import numpy as np
import pytest
import torch

from baselines import MethodError
from baselines.hifill import fill_clean
from baselines.hifill.inference.runner import Prediction
from baselines.hifill.network.attention import valid_keys


class QuickNetwork:
    """A stand-in that lets every pixel it is given reach every pixel it returns, in a millisecond."""

    device = torch.device("cpu")
    reduction = 4

    def __init__(self, start="zeros"):
        self.start = start

    def __call__(self, image, mask):
        filled = cv2.blur(image, (31, 31)) + image.mean()
        colours = torch.from_numpy(
            cv2.resize(filled, (32, 32), interpolation=cv2.INTER_AREA).reshape(1024, 3)
        )
        valid = valid_keys(torch.from_numpy(mask).float()[None, None])[0]
        attention = torch.softmax(-torch.cdist(colours, colours), 1) * valid
        return Prediction(filled.clip(0, 255), attention, valid.numpy() > 0)


@pytest.fixture(scope="module", params=["zeros", "membrane"])
def quick(request):
    return QuickNetwork(request.param)


def bordered(height, width):
    """A mask that touches every border, two corners, and has an inner hole and a thin line."""
    mask = np.zeros((height, width), bool)
    h, w = height // 16, width // 16
    mask[:h, 4 * w : 6 * w] = mask[-2:, 9 * w : 12 * w] = True
    mask[5 * h : 7 * h, :3] = mask[9 * h : 10 * h, -w:] = True
    mask[:2, :2] = mask[-1, -1] = True
    mask[6 * h : 9 * h + 1, 7 * w : 9 * w + 3] = True
    mask[12 * h, 2 * w : 14 * w] = True
    return mask


def check(image, mask, network, seed=7):
    first = fill_clean(image, mask, network)
    planted = image.copy()
    planted[mask] = np.random.default_rng(seed).integers(0, 256, (mask.sum(), 3))
    before = planted.copy()
    second = fill_clean(planted, mask, network)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first[~mask], image[~mask])
    np.testing.assert_array_equal(planted, before)
    return first


@pytest.mark.parametrize(
    ("height", "width"), [(512, 512), (1024, 1024), (683, 1024), (2048, 1365), (2048, 2048), (4096, 4096)]
)
def test_nothing_leaks_and_nothing_known_changes(picture, network, height, width):
    check(picture(height, width), bordered(height, width), network)


@pytest.mark.parametrize("border", ["top", "bottom", "left", "right", "all"])
def test_holes_along_a_border(picture, quick, border):
    mask = np.zeros((600, 520), bool)
    areas = {"top": np.s_[:9], "bottom": np.s_[-40:], "left": np.s_[:, :25], "right": np.s_[:, -1:]}
    for name, area in areas.items():
        mask[area] |= border in {name, "all"}
    check(picture(600, 520), mask, quick)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 900), (7, 5), (63, 97), (511, 513)])
def test_small_and_odd_pictures(picture, quick, height, width):
    mask = np.zeros((height, width), bool)
    mask[height // 3 : height // 2 + 1, width // 3 : width // 2 + 1] = True
    check(picture(height, width), mask, quick)


def test_hole_without_any_valid_cell_gets_the_networks_result(picture, quick):
    mask = np.zeros((640, 640), bool)
    mask[::20, ::20] = True  # every cell of 20 x 20 pixels is touched
    result = check(picture(640, 640), mask, quick)
    assert result[mask].std() > 0


class CopyingNetwork(QuickNetwork):
    """Everything is copied from the first cell."""

    def __call__(self, image, mask):
        prediction = super().__call__(image, mask)
        return prediction._replace(attention=torch.eye(1024)[:1].expand(1024, -1))


@pytest.mark.parametrize("start", ["zeros", "membrane"])
def test_without_the_residual_the_hole_is_smooth(picture, start):
    image, mask = picture(1024, 1024), np.zeros((1024, 1024), bool)
    mask[400:500, 300:420] = True
    grain = []
    for residual in (True, False):
        result = fill_clean(image, mask, CopyingNetwork(start), residual=residual)
        np.testing.assert_array_equal(result[~mask], image[~mask])
        hole = result[410:490, 310:410].astype(float)
        grain.append(np.abs(np.diff(hole, axis=1)).mean())
    assert grain[1] < 0.3 * grain[0]


def test_nothing_known(quick):
    mask = np.ones((300, 200), bool)
    result = check(np.zeros((300, 200, 3), np.uint8), mask, quick)
    assert result.shape == (300, 200, 3)


def test_everything_known_returns_a_copy_without_running_the_network(picture):
    image = picture(64, 64)

    def absent(*_):
        raise MethodError("the network was run")

    result = fill_clean(image, np.zeros((64, 64), bool), absent)
    np.testing.assert_array_equal(result, image)
    assert not np.shares_memory(result, image)


def test_views_are_read_like_copies(picture, quick):
    image, mask = picture(1040, 1100), bordered(1040, 1100)
    flipped = fill_clean(image[::-1, ::-1], mask[::-1, ::-1], quick)
    copied = fill_clean(image[::-1, ::-1].copy(), mask[::-1, ::-1].copy(), quick)
    np.testing.assert_array_equal(flipped, copied)


def test_detail_of_the_valid_cells_is_carried_into_the_hole(picture, network):
    """Noise that vanishes in the 512 x 512 version can only come from other cells."""
    image = np.full((2048, 2048, 3), 120, np.uint8)
    image[::2, ::2] += 40
    image[1::2, 1::2] += 40
    mask = np.zeros((2048, 2048), bool)
    mask[900:1100, 900:1100] = True
    hole = fill_clean(image, mask, network)[920:1080, 920:1080].astype(float)
    pattern = (hole[::2, ::2] - hole[1::2, ::2]).mean()
    assert pattern > 10
