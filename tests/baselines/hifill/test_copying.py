"""One coherent source for each cell, and its detail at full size."""

import cv2
import numpy as np
import pytest

from baselines.hifill.inference.copying import copy_detail
from baselines.hifill.inference.sources import choose_sources, unlikeness

SIDE = 1024
CELL = SIDE // 32


@pytest.fixture(scope="module")
def grain():
    """Noise around grey, its 512 x 512 version, and a hole of 6 x 6 cells."""
    image = np.random.default_rng(0).integers(90, 166, (SIDE, SIDE, 3)).astype(np.uint8)
    small = cv2.resize(image, (512, 512), interpolation=cv2.INTER_AREA).astype(np.float32)
    mask = np.zeros((SIDE, SIDE), bool)
    mask[320:512, 320:512] = True
    return image, small, mask


def sources_of(mask, shift):
    cells = np.arange(1024, dtype=np.int32).reshape(32, 32) + shift
    touched = mask.reshape(32, CELL, 32, CELL).any(axis=(1, 3))
    return np.where(touched, cells, -1).astype(np.int32)


def filled(image, small, mask, sources, strength=1.0):
    output = image.copy()
    low = cv2.GaussianBlur(small, (0, 0), 4)
    copy_detail(output, image, mask, np.full_like(small, 128), low, sources, strength)
    return output


def test_a_coherent_source_is_copied_pixel_by_pixel(grain):
    image, small, mask = grain
    result = filled(image, small, mask, sources_of(mask, 10)).astype(float)
    source = image[320:512, 320 + 10 * CELL : 512 + 10 * CELL].astype(float)
    low = cv2.resize(cv2.GaussianBlur(small, (0, 0), 4), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    expected = 128 + source - low[320:512, 320 + 10 * CELL : 512 + 10 * CELL]
    assert np.abs(result[320:512, 320:512] - expected.clip(0, 255)).max() <= 1
    np.testing.assert_array_equal(result[~mask], image[~mask])


def test_sources_that_have_nothing_in_common_fade_without_a_grid(grain):
    image, small, mask = grain
    rng = np.random.default_rng(1)
    sources = sources_of(mask, 0)
    far = np.flatnonzero(sources_of(mask, 0).ravel() < 0)
    far = far[(far // 32 > 17) & (far // 32 < 31) & (far % 32 > 0) & (far % 32 < 31)]
    sources[sources >= 0] = rng.choice(far, (sources >= 0).sum()).astype(np.int32)
    hole = filled(image, small, mask, sources)[320:512, 320:512].astype(float) - 128
    energy = (hole**2).mean(axis=(0, 2)).reshape(6, CELL).mean(0)
    assert energy.max() < 1.3 * energy.min()  # as strong between cells as within them
    seams = np.abs(np.diff(hole, axis=1)).mean(axis=(0, 2))
    on_grid = seams[CELL - 1 :: CELL].mean()
    assert on_grid < 1.1 * seams.mean()


def test_strength_scales_the_detail(grain):
    image, small, mask = grain
    full, half = (filled(image, small, mask, sources_of(mask, 10), s)[mask].std() for s in (1.0, 0.5))
    assert half == pytest.approx(full / 2, rel=0.03)


def test_without_a_source_the_networks_result_stands(grain):
    image, small, mask = grain
    result = filled(image, small, mask, np.full((32, 32), -1, np.int32))
    assert (result[mask] == 128).all()


def test_cells_continue_their_neighbours_and_do_not_repeat_them():
    queries = np.array([r * 32 + c for r in range(10, 14) for c in range(10, 14)])
    keys = np.array([r * 32 + c for r in range(20, 30) for c in range(20, 30)])
    even = np.full((16, 100), 0.01, np.float32)
    sources = choose_sources(even, np.zeros((16, 100), np.float32), queries, keys)
    rows, columns = np.divmod(sources[10:14, 10:14], 32)
    assert len(np.unique(sources[10:14, 10:14])) > 8
    # All looks alike: most neighbours go on where the others stop.
    assert (np.diff(columns, axis=1) == 1).mean() > 0.7
    assert (np.diff(rows, axis=0) == 1).mean() > 0.7
    assert (sources.ravel()[np.setdiff1d(np.arange(1024), queries)] == -1).all()
    sure = even.copy()
    sure[:, 37] = 1
    assert choose_sources(sure[:1], np.zeros((1, 100), np.float32), queries[:1], keys)[10, 10] == keys[37]


def test_cells_of_other_colours_are_unlike():
    small = np.full((512, 512, 3), 60, np.float32)
    small[:, 256:] = 200
    hole = np.zeros((512, 512), bool)
    hole[100:200, 100:200] = True
    distances = unlikeness(small, hole)
    assert distances.shape == (1024, 1024)
    assert distances[8 * 32 + 8, 20 * 32 + 3] < 0.01  # the hole is filled, its neighbours' detail expected
    assert distances[8 * 32 + 8, 8 * 32 + 24] > 5
    assert (
        choose_sources(
            np.zeros((0, 3), np.float32), np.zeros((0, 3), np.float32), np.arange(0), np.arange(3)
        ).max()
        == -1
    )
