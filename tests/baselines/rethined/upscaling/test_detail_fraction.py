"""How much detail is copied, by depth."""

import numpy as np

from baselines.rethined.tokens import hole_tokens, reduce
from baselines.rethined.upscaling.detail_fraction import attenuation, detail_fractions


def test_fractions_rise_from_the_boundary_inwards_and_stay_within_their_bounds():
    mask = np.zeros((512, 512), bool)
    mask[100:420, 60:460] = True
    working = reduce(np.zeros((512, 512, 3), np.uint8), mask, 512)
    hole = hole_tokens(working)
    found = np.full(working.tokens, np.nan, np.float32)
    found.reshape(-1)[hole] = detail_fractions(working, hole, 0.4, 1.0)
    middle = found[32]
    values = middle[~np.isnan(middle)]
    half = values[: len(values) // 2]
    assert (np.diff(half) >= 0).all()
    assert half[0] < 0.55
    assert half[-1] == 1
    assert np.nanmin(found) >= 0.4


def test_equal_fractions_are_the_same_everywhere_and_a_border_is_no_boundary():
    mask = np.zeros((256, 256), bool)
    mask[:, :128] = True
    working = reduce(np.zeros((256, 256, 3), np.uint8), mask, 256)
    hole = hole_tokens(working)
    assert (detail_fractions(working, hole, 0.7, 0.7) == np.float32(0.7)).all()
    assert detail_fractions(working, hole, 0.0, 1.0)[0] == 1


def test_detail_that_is_too_strong_is_attenuated_and_weaker_detail_is_left():
    found = np.log(np.float32([256, 1, 2]))
    expected = np.log(np.float32([1, 16, 2]))
    assert np.allclose(attenuation(found, expected), [0.5, 1, 1])
