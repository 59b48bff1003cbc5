"""Memory between two processes: what is handed over arrives, whoever put it there."""

import numpy as np

import baselines
from leaderboard.calls.hooks import lend_inputs

SWAPPING = """
def load():
    def inpaint(image, mask):
        out = 255 - image
        image[:] = 7
        mask[:] = False
        return out

    return inpaint
"""


def test_inputs_in_shared_memory_are_as_good_as_any_others(tmp_path):
    (tmp_path / "method.py").write_text(SWAPPING)
    method = baselines.open_method(f"{tmp_path / 'method.py'}:load")
    rng = np.random.default_rng(0)
    for shape in ((32, 24), (40, 56), (16, 20)):  # growing and shrinking
        image = rng.integers(0, 256, (*shape, 3)).astype(np.uint8)
        mask = rng.random(shape) < 0.3
        for _ in range(2):  # what the method wrote into its arguments must not come back
            own_image, own_mask = lend_inputs(method, image, mask)
            assert own_image is not image
            assert np.array_equal(own_image, image)
            assert np.array_equal(own_mask, mask)
            assert np.array_equal(method(own_image, own_mask), 255 - image)
            assert np.array_equal(method(image, mask), 255 - image)
    turned = method.inputs(24, 24)[0].transpose(1, 0, 2)
    turned[...] = rng.integers(0, 256, (24, 24, 3))
    given = turned.copy()
    assert np.array_equal(method(turned, np.zeros((24, 24), bool)), 255 - given)
    method.close()


def test_methods_in_this_process_get_what_they_are_given():
    image, mask = np.zeros((8, 8, 3), np.uint8), np.ones((8, 8), bool)
    given = lend_inputs(baselines.load("mean"), image, mask)
    assert given[0] is image
    assert given[1] is mask


def test_what_is_to_be_kept_is_handed_over_as_a_copy():
    image, mask = np.zeros((8, 8, 3), np.uint8), np.ones((8, 8), bool)
    for array in (image, mask):
        array.flags.writeable = False
    for given, kept in zip(
        lend_inputs(baselines.load("mean"), image, mask, keep=True), (image, mask), strict=True
    ):
        assert given.flags.writeable
        assert not np.shares_memory(given, kept)
        assert np.array_equal(given, kept)
