"""Sources that are improved together."""

import numpy as np
import pytest
from skimage import data

from baselines.rethined.matching.coherence import coherent_sources
from baselines.rethined.matching.nearest import cell_shifts
from baselines.rethined.tokens import hole_tokens, reduce, valid_tokens
from tests.baselines.rethined.conftest import blobs


def scene(image, mask):
    """The working image without what the hole hides, and sources drawn at random."""
    working = reduce(np.where(mask[..., None], 0, image).astype(np.uint8), mask, 256)
    hole, valid = hole_tokens(working), valid_tokens(working)
    draw = np.random.default_rng(0).choice(valid, hole.size) if valid.size else valid
    shifts = np.zeros((*working.cells.hole.shape, 2), np.int32)
    return working, cell_shifts(working, hole, draw) if valid.size else shifts


def cohere(working, coarse, shifts, *, seed=0):
    return coherent_sources(working, coarse, shifts, cut_px=4.0, seed=seed)


def broken(shifts, hole):
    """Fraction of neighbours in the hole, right and below, with different shifts."""
    apart = total = 0
    for axis in (0, 1):
        both = np.logical_and(
            hole.take(range(1, hole.shape[axis]), axis), hole.take(range(hole.shape[axis] - 1), axis)
        )
        apart += (np.diff(shifts, axis=axis).any(axis=-1) & both).sum()
        total += both.sum()
    return apart / total


def weave(side):
    y, x = np.mgrid[:side, :side]
    grey = 90 + 90 * ((x // 9 + y // 9) % 2) + np.random.default_rng(3).normal(0, 8, (side, side))
    return np.repeat(grey.clip(0, 255)[..., None], 3, axis=2).astype(np.uint8)


def flat(working, value=0.5):
    return np.where(working.hole[..., None], np.float32(value), working.image)


def test_pieces_larger_than_a_patch_go_on_from_sources_drawn_at_random():
    image, mask = weave(256), blobs((256, 256), 0.15)
    working, shifts = scene(image, mask)
    result, coherent = cohere(working, flat(working, 135 / 255), shifts)
    hole = working.cells.hole
    assert broken(coherent, hole) < 0.5 * broken(shifts, hole)
    y, x = np.nonzero(hole)
    drawn = image[y + shifts[y, x, 0], x + shifts[y, x, 1]].astype(float)
    truth = image[hole].astype(float)
    assert np.abs(result[hole] - truth).mean() < 0.6 * np.abs(drawn - truth).mean()


def test_the_coarse_result_decides_between_textures_of_another_colour():
    rng = np.random.default_rng(0)
    image = np.zeros((192, 256, 3), np.uint8)
    image[:, :128], image[:, 128:] = (60, 60, 120), (150, 150, 90)
    image += rng.integers(0, 30, image.shape, dtype=np.uint8)
    mask = np.zeros((192, 256), bool)
    mask[40:152, 80:176] = True
    colours = []
    for shade in ((60, 60, 120), (150, 150, 90)):
        working, shifts = scene(image, mask)
        coarse = working.image.copy()
        coarse[working.hole] = (np.array(shade) + 15) / 255
        result, _ = cohere(working, coarse, shifts)
        colours.append(result[70:122, 108:148].mean(axis=(0, 1)))
    assert colours[1][0] - colours[0][0] > 40
    assert colours[0][2] - colours[1][2] > 10


def test_detail_is_copied_and_not_averaged():
    image = np.repeat(data.grass()[:256, :256, None], 3, axis=2)
    mask = blobs((256, 256), 0.2)
    working, shifts = scene(image, mask)
    result, _ = cohere(working, flat(working), shifts)
    step = np.abs(np.diff(result[..., 0].astype(float), axis=1))
    inside = mask[:, 1:] & mask[:, :-1]
    assert 0.85 < step[inside].mean() / step[~inside].mean() < 1.15


def test_sources_are_known_and_the_same_ones_every_time():
    image, mask = weave(256)[:250, :201], blobs((250, 201), 0.3)
    working, shifts = scene(image, mask)
    runs = [cohere(working, flat(working), shifts.copy(), seed=seed) for seed in (0, 0, 1)]
    for first, second in zip(*runs[:2], strict=True):
        assert np.array_equal(first, second)
    assert not np.array_equal(runs[0][1], runs[2][1])
    hole = working.cells.hole
    y, x = np.nonzero(hole)
    for _, found in runs:
        assert working.cells.usable[y + found[y, x, 0], x + found[y, x, 1]].all()
        assert not found[~hole].any()


@pytest.mark.parametrize("known", [0, 5])
def test_too_little_that_is_known_has_no_sources(known):
    image, mask = weave(64), np.ones((64, 64), bool)
    mask[:known, :known] = False
    working, shifts = scene(image, mask)
    assert cohere(working, flat(working), shifts) is None
