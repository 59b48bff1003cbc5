"""The documentation's pictures show what they say."""

import numpy as np

from baselines.hifill.visualize import attention_picture, draw_figures, residual_pictures


def test_attention_marks_the_cells_that_are_copied(picture, network):
    image, mask = picture(512, 512), np.zeros((512, 512), bool)
    mask[240:272, 240:272] = True
    plain = attention_picture(image, mask, network, [])
    marked = attention_picture(image, mask, network, [(15, 15)])
    changed = (plain != marked).any(axis=2).reshape(32, 16, 32, 16)
    assert changed[15, 0, 15].all(), "the cell's frame"
    inside = changed[:, 4:12, :, 4:12].any(axis=(1, 3))  # lines are drawn across the border of their cell
    assert not inside[14:18, 14:18].any(), "cells of the hole and beside it are never copied"
    assert inside.any()


def test_residual_is_filled_under_the_mask_alone(picture, network):
    image, mask = picture(1024, 1024), np.zeros((1024, 1024), bool)
    mask[300:500, 400:600] = True
    before, after = residual_pictures(image, mask, network)
    np.testing.assert_array_equal(before[~mask], after[~mask])
    assert (before[mask] == 128).all()
    assert after[mask].std() > 5


def test_figures_are_drawn_and_small(tmp_path):
    draw_figures(tmp_path, None)
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert sizes.keys() == {"hifill-attention.png", "hifill-residual.png"}
    assert max(sizes.values()) < 300_000
