"""The working resolution, its tokens, and the coarse result enlarged."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines.rethined.tokens import hole_tokens, reduce, valid_tokens
from baselines.rethined.upscaling import paint_enlarged
from tests.baselines.rethined.conftest import blobs


@pytest.mark.parametrize("shape", [(512, 512), (701, 333)])
def test_enlarged_values_are_painted_where_the_picture_is_missing_alone(shape):
    import cv2

    image = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
    mask = blobs(shape, 0.3, sigma=min(shape) / 12)
    working = reduce(image, mask, 256)
    values = np.random.default_rng(1).normal(128, 60, (*working.hole.shape, 3)).astype(np.float32)
    large = cv2.resize(values, None, fx=working.scale, fy=working.scale, interpolation=cv2.INTER_LINEAR)
    large = large[: shape[0], : shape[1]]
    output = image.copy()
    paint_enlarged(output, mask, working, values)
    assert np.array_equal(output[~mask], image[~mask])
    assert np.abs(output - np.clip(large, 0, 255))[mask].max() <= 0.51


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 300), st.integers(1, 300), st.floats(0, 1), st.integers(0, 2**31))
def test_reduction_against_plain_averages(height, width, share, seed):
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (height, width, 3)).astype(np.uint8)
    mask = np.zeros((height, width), bool)
    mask[: int(share * height), rng.integers(0, width) :] = True
    working = reduce(image, mask, 64)
    s = working.scale
    assert max(height, width) / 64 <= s < max(height, width) / 64 + 1
    rows, columns = -(-height // s), -(-width // s)
    for y, x in zip(rng.integers(0, rows, 20), rng.integers(0, columns, 20), strict=True):
        cell = np.s_[y * s : (y + 1) * s, x * s : (x + 1) * s]
        assert working.hole[y, x] == mask[cell].any()
        if mask[cell].any():
            assert not working.image[y, x].any()
        else:
            assert np.allclose(working.image[y, x], image[cell].mean((0, 1)) / 255, atol=1e-6)
    assert working.unknown[rows:].all()
    assert working.unknown[:, columns:].all()
    assert not working.hole[rows:].any()


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 200), st.integers(1, 200), st.floats(0, 0.3), st.integers(0, 2**31))
def test_sources_are_known_with_half_a_patch_around(height, width, share, seed):
    rng = np.random.default_rng(seed)
    mask = np.zeros((height, width), bool)
    for _ in range(3):
        y, x = rng.integers(0, height), rng.integers(0, width)
        mask[y : y + int(share * height), x : x + int(share * width)] = True
    working = reduce(np.zeros((height, width, 3), np.uint8), mask, 64)
    rows, columns = working.tokens
    outside = np.ones((8 * rows + 8, 8 * columns + 8), bool)
    inside = working.hole[: working.content[0], : working.content[1]]
    outside[4 : 4 + inside.shape[0], 4 : 4 + inside.shape[1]] = inside
    expected = [
        token
        for token in range(rows * columns)
        if not outside[8 * (token // columns) :, 8 * (token % columns) :][:16, :16].any()
    ]
    assert valid_tokens(working).tolist() == expected
    touched = np.unique(np.argwhere(working.hole) // 8 @ np.array([columns, 1]))
    assert hole_tokens(working).tolist() == touched.tolist()
