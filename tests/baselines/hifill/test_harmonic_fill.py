"""Harmonic fills before and after the network: right values, and nothing from under the mask."""

import numpy as np
import pytest
import torch

import baselines
from baselines.hifill import Generator, fill_clean, initialise
from baselines.hifill.inference.grid import Grid, reduce_picture, touched_cells
from baselines.hifill.inference.runner import GeneratorRunner
from baselines.hifill.network.harmonic_fill import harmonic_start, poisson_blend


@pytest.fixture(scope="module")
def hung(generator):
    """A network that starts from a harmonic fill and adds something to it."""
    copy = Generator(start="membrane")
    copy.load_state_dict(generator.state_dict())
    return GeneratorRunner(copy, "cpu")


@pytest.fixture
def mask():
    mask = np.zeros((90, 70), bool)
    mask[20:50, 30:60] = mask[:9, :5] = mask[70, 3:66] = True
    return mask


def test_the_start_is_the_harmonic_fill(picture, mask):
    images = [picture(90, 70, seed) for seed in (1, 2)]
    holes = torch.from_numpy(np.stack([mask, mask[::-1]])[:, None].astype(np.float32))
    batch = torch.from_numpy(np.stack(images).astype(np.float32)).permute(0, 3, 1, 2)
    filled = harmonic_start(batch, holes).permute(0, 2, 3, 1).numpy()
    for image, hole, found in zip(images, holes[:, 0].numpy() > 0, filled, strict=True):
        expected = baselines.load("harmonic")(image, hole)
        np.testing.assert_allclose(found, expected, atol=0.6)  # the method rounds, and solves in a window


def test_the_start_does_not_read_the_hole(picture, mask):
    image = torch.from_numpy(picture(90, 70).astype(np.float32)).permute(2, 0, 1)[None]
    hole = torch.from_numpy(mask)[None, None]
    first = harmonic_start(image, hole.float())
    assert torch.equal(first, harmonic_start(image.masked_fill(hole, torch.nan), hole.float()))
    assert torch.equal(first.masked_select(~hole), image.masked_select(~hole))


def test_the_start_of_nothing_is_zero():
    assert not harmonic_start(torch.ones(1, 3, 8, 8), torch.ones(1, 1, 8, 8)).any()


def test_blending_a_flat_fill_gives_the_harmonic_fill(picture, mask):
    image = picture(90, 70)
    output = image.copy()
    output[mask] = 99
    grown = np.zeros_like(mask)
    for y, x in np.ndindex(3, 3):
        grown |= np.pad(mask, 1)[y : y + 90, x : x + 70]
    output[grown] = 99
    poisson_blend(output, image, mask)
    np.testing.assert_array_equal(output[~mask], image[~mask])
    expected = baselines.load("harmonic")(image, mask)
    assert np.abs(output.astype(int) - expected).max() <= 3  # two cycles of the solver from another start


def test_hanging_keeps_texture_and_meets_the_rim(picture, mask):
    image = picture(90, 70) // 2 + 60
    output = image - 40  # the original, darker all over the hole and beside it
    rows, columns = np.nonzero(mask)
    known = np.ones_like(mask)
    for y, x in np.ndindex(3, 3):
        known[(rows + y - 1).clip(0, 89), (columns + x - 1).clip(0, 69)] = False
    output[known] = image[known]
    poisson_blend(output, image, mask)
    np.testing.assert_array_equal(output, image)


def test_a_fresh_network_returns_the_harmonic_fill():
    network = initialise(Generator(start="membrane"))
    image, mask = torch.rand(2, 3, 128, 128) * 2 - 1, torch.zeros(2, 1, 128, 128)
    mask[0, :, 40:90, 30:70] = mask[1, :, :20, 100:] = 1
    with torch.inference_mode():
        filled = network(image, mask)
        attention = network.attend(image, mask)
    expected = harmonic_start(image, mask)
    assert torch.equal(filled.coarse, expected)
    assert torch.equal(filled.refined, expected.clamp(-1, 1))
    torch.testing.assert_close(attention, filled.attention)


@pytest.mark.parametrize("size", [(512, 512), (683, 1040)])
def test_no_pixel_under_the_hole_counts(picture, hung, size):
    image, mask = picture(*size), np.zeros(size, bool)
    mask[200:300, 250:420] = mask[:30, 400:] = mask[-3:, 60:90] = mask[::170, 10:200] = True
    first = fill_clean(image, mask, hung)
    planted = image.copy()
    planted[mask] = np.random.default_rng(3).integers(0, 256, (mask.sum(), 3))
    np.testing.assert_array_equal(first, fill_clean(planted, mask, hung))
    np.testing.assert_array_equal(first[~mask], image[~mask])


@pytest.mark.parametrize("size", [(512, 512), (100, 700), (1030, 777), (1, 1)])
def test_touched_cells_are_those_of_the_reduction(picture, size):
    mask = np.random.default_rng(5).random(size) < 3 / np.prod(size)
    grid = Grid(*size)
    seen = touched_cells(mask, grid)
    assert seen.sum() == len({(y // grid.cell[0], x // grid.cell[1]) for y, x in np.argwhere(mask)})
    # The reduction also counts cells beyond the picture, which mirror it.
    assert not (seen & ~reduce_picture(picture(*size), mask, grid).hole_cells).any()
