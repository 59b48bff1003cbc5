"""The grid and Attention Upscaling."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines.rethined.tokens import hole_tokens, reduce, valid_tokens
from baselines.rethined.upscaling.enlarge import paint_enlarged
from baselines.rethined.upscaling.plan import plan_transfer, ramps
from baselines.rethined.upscaling.transfer_numba import transfer_numba
from baselines.rethined.upscaling.transfer_opencv import transfer_opencv
from baselines.rethined.upscaling.transfer_torch import transfer_torch
from tests.baselines.rethined.conftest import blobs


def torch_on_cpu(image, mask, plan):
    transfer_torch(image, mask, plan, torch.device("cpu"))


TRANSFERS = {"numba": transfer_numba, "opencv": transfer_opencv, "torch": torch_on_cpu}


def work(shape, share, *, resolution=256, overlap=0.25, seed=0, detail=1.0):
    """An image, a hole and a plan with random valid sources."""
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (*shape, 3)).astype(np.uint8)
    mask = blobs(shape, share, seed=seed, sigma=min(shape) / 12)
    working = reduce(image, mask, resolution)
    hole, valid = hole_tokens(working), valid_tokens(working)
    low = rng.random((*working.hole.shape, 3), np.float32)
    best, coarse = rng.choice(valid, hole.size), rng.random(low.shape, np.float32)
    plan = plan_transfer(
        working.scale, low, hole, best, working.tokens, overlap, detail=detail, coarse=coarse
    )
    return image, mask, plan


@pytest.mark.parametrize("transfer", TRANSFERS)
@pytest.mark.parametrize("overlap", [0.0, 0.25])
@pytest.mark.parametrize("shape", [(512, 512), (701, 333)])
def test_a_patch_that_is_its_own_source_returns_itself_bit_for_bit(transfer, overlap, shape):
    image, mask, plan = work(shape, 0.3, overlap=overlap)
    itself = plan_transfer(plan.scale, plan.low / 255, plan.hole, plan.hole, plan.sources.shape, overlap)
    output = image.copy()
    TRANSFERS[transfer](output, mask, itself)
    assert np.array_equal(output, image)


@pytest.mark.parametrize("transfer", ["opencv", "torch"])
@pytest.mark.parametrize(("overlap", "detail"), [(0.0, 1.0), (0.125, 0.5), (0.25, 1.0)])
@pytest.mark.parametrize("shape", [(256, 256), (515, 770), (1030, 601)])
def test_the_three_implementations_agree_within_a_grey_level(transfer, overlap, detail, shape):
    image, mask, plan = work(shape, 0.2, overlap=overlap, detail=detail)
    outputs = []
    for run in (transfer_numba, TRANSFERS[transfer]):
        output = image.copy()
        output[mask] = 0
        run(output, mask, plan)
        assert np.array_equal(output[~mask], image[~mask])
        outputs.append(output.astype(int))
    assert np.abs(outputs[0] - outputs[1]).max() <= 1
    assert (outputs[0] != outputs[1]).mean() < 1e-3


@pytest.mark.parametrize("detail", [0.0, 0.5, 1.0])
def test_against_the_definition_in_floats(detail):
    """Out of overlaps: the wanted share of the source's detail over the target's band, enlarged."""
    import cv2

    image, mask, plan = work((512, 512), 0.2, overlap=0.0, detail=detail)
    size = (mask.shape[1], mask.shape[0])
    bands = (detail * plan.low, detail * plan.low + (1 - detail) * plan.coarse)
    taken, laid = (cv2.resize(band, size, interpolation=cv2.INTER_LINEAR) for band in bands)
    output = image.copy()
    transfer_numba(output, mask, plan)
    side, columns = 8 * plan.scale, plan.sources.shape[1]
    inner = slice(plan.scale, side - plan.scale)  # enlargement across a token's edge sees its neighbour there
    for token in plan.hole:
        (r, c), (v, u) = divmod(int(token), columns), divmod(int(plan.sources.flat[token]), columns)
        target = np.s_[r * side : (r + 1) * side, c * side : (c + 1) * side]
        source = np.s_[v * side : (v + 1) * side, u * side : (u + 1) * side]
        expected = np.clip(detail * image[source] - taken[source] + laid[target], 0, 255)[inner, inner]
        wanted = mask[target][inner, inner]
        assert np.abs(output[target][inner, inner] - expected)[wanted].max(initial=0) <= 0.51


@pytest.mark.parametrize("keep", [0.0, 1.0])
@pytest.mark.parametrize("shape", [(512, 512), (701, 333)])
def test_enlarged_values_are_painted_where_the_picture_is_missing_alone(shape, keep):
    import cv2

    image, mask, _ = work(shape, 0.3)
    working = reduce(image, mask, 256)
    values = np.random.default_rng(1).normal(0, 2, (*working.hole.shape, 3)).astype(np.float32)
    large = cv2.resize(values, None, fx=working.scale, fy=working.scale, interpolation=cv2.INTER_LINEAR)
    large = large[: shape[0], : shape[1]]
    output = image.copy()
    paint_enlarged(output, mask, working, values, keep)
    assert np.array_equal(output[~mask], image[~mask])
    assert np.abs(output - np.clip(keep * image + large, 0, 255))[mask].max() <= 0.51


@pytest.mark.parametrize(("scale", "reach"), [(1, 1), (3, 3), (16, 8), (5, 0)])
def test_windows_sum_to_one(scale, reach):
    weights = ramps(scale, reach)
    assert np.allclose(weights.sum(0), 1, atol=1e-6)
    if reach:  # plan leaves one token arrives in the next
        assert np.allclose(weights[0, :reach], 1 - weights[1, :reach])
        assert np.allclose(weights[2, -reach:], 1 - weights[1, -reach:])
        assert 0 < weights[0, 0] < 0.5


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
