"""The membrane against a direct sparse solve, and its edges."""

import numpy as np
import pytest
import scipy.sparse as sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter
from scipy.sparse.linalg import spsolve
from skimage import data

import baselines


def direct(image, hole):
    """The five-point Laplace equation solved directly: float (H, W, 3)."""
    number = np.full(hole.shape, -1)
    ys, xs = np.nonzero(hole)
    n = len(ys)
    number[ys, xs] = np.arange(n)
    right, diagonal, rows, columns = np.zeros((n, 3)), np.zeros(n), [], []
    for dy, dx in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        y, x = ys + dy, xs + dx
        inside = np.flatnonzero((y >= 0) & (y < hole.shape[0]) & (x >= 0) & (x < hole.shape[1]))
        neighbour = number[y[inside], x[inside]]
        diagonal[inside] += 1
        rows.append(inside[neighbour >= 0])
        columns.append(neighbour[neighbour >= 0])
        known = inside[neighbour < 0]
        right[known] += image[y[known], x[known]]
    rows, columns = np.concatenate(rows), np.concatenate(columns)
    matrix = sparse.csc_matrix((-np.ones(len(rows)), (rows, columns)), (n, n)) + sparse.diags(diagonal)
    solved = image.astype(float)
    solved[hole] = spsolve(matrix.tocsc(), right).reshape(n, 3)
    return solved


def blobs(shape, share, sigma, seed=0):
    field = gaussian_filter(np.random.default_rng(seed).normal(size=shape), sigma)
    return field > np.quantile(field, 1 - share)


def half(shape):
    mask = np.zeros(shape, bool)
    mask[:, shape[1] // 2 :] = True
    return mask


def frame(shape, width):
    mask = np.ones(shape, bool)
    mask[width:-width, width:-width] = False
    return mask


PHOTO = data.astronaut()[:301, :223]
HOLES = {
    "blobs": blobs(PHOTO.shape[:2], 0.4, 8),
    "large": blobs(PHOTO.shape[:2], 0.8, 20),
    "half": half(PHOTO.shape[:2]),
    "frame": frame(PHOTO.shape[:2], 80),
    "stripes": np.broadcast_to(np.arange(PHOTO.shape[1]) % 4 > 0, PHOTO.shape[:2]).copy(),
    "one-known": np.arange(PHOTO.shape[0] * PHOTO.shape[1]).reshape(PHOTO.shape[:2]) != 30000,
}


@pytest.mark.parametrize("hole", HOLES)
def test_within_two_grey_levels_of_the_direct_solve(hole):
    mask = HOLES[hole]
    error = np.abs(baselines.load("harmonic")(PHOTO, mask) - direct(PHOTO, mask))[mask]
    # Rounding to 8 bits accounts for 0.5 at most and 0.25 on average.
    assert error.max() <= 2.5
    assert error.mean() <= 0.35


def test_more_cycles_converge_even_on_white_noise():
    noise = np.random.default_rng(1).integers(0, 256, (150, 131, 3)).astype(np.uint8)
    mask = blobs(noise.shape[:2], 0.5, 3)
    reference = direct(noise, mask)
    errors = [
        np.abs(baselines.load("harmonic", cycles=cycles)(noise, mask) - reference)[mask].max()
        for cycles in (2, 8)
    ]
    assert errors[0] <= 8
    assert errors[1] <= 0.51


def test_reproduces_a_plane_up_to_rounding():
    ramp = np.add.outer(np.arange(120), np.arange(100))[..., None].repeat(3, axis=2).astype(np.uint8)
    mask = np.zeros(ramp.shape[:2], bool)
    mask[20:90, 15:80] = True  # a plane is harmonic away from the image border
    assert np.abs(baselines.load("harmonic")(ramp, mask).astype(int) - ramp).max() <= 1


@settings(deadline=None, max_examples=40)
@given(
    height=st.integers(1, 40), width=st.integers(1, 40), share=st.floats(0, 1), seed=st.integers(0, 2**32 - 1)
)
def test_any_size_and_hole(height, width, share, seed):
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (height, width, 3)).astype(np.uint8)
    mask = rng.random((height, width)) < share
    other = np.where(mask[..., None], rng.integers(0, 256, image.shape), image).astype(np.uint8)
    inpaint = baselines.load("harmonic")
    output = inpaint(image, mask)
    assert np.array_equal(output[~mask], image[~mask])
    assert np.array_equal(output, inpaint(other, mask))  # nothing under the hole is read
    for channel in range(3):
        if mask.any() and not mask.all():
            known, filled = image[~mask][:, channel].astype(int), output[mask][:, channel].astype(int)
            slack = 25  # interpolated starts obey the maximum principle, corrections may overshoot a little
            assert known.min() - slack <= filled.min()
            assert filled.max() <= known.max() + slack


def test_no_hole_and_nothing_known():
    inpaint = baselines.load("harmonic")
    assert np.array_equal(inpaint(PHOTO, np.zeros(PHOTO.shape[:2], bool)), PHOTO)
    assert np.unique(inpaint(PHOTO, np.ones(PHOTO.shape[:2], bool))).tolist() == [128]


def test_refuses_zero_cycles():
    with pytest.raises(baselines.MethodError, match="cycles=0"):
        baselines.load("harmonic", cycles=0)
