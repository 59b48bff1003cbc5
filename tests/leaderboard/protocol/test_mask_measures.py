"""Mask measures of the per-image table."""

import numpy as np
import pytest

import masks
from leaderboard.protocol.mask_measures import expected_columns, mask_columns
from leaderboard.protocol.task import fits, make_task


def test_the_shape_is_that_of_the_part_shown_and_the_same_at_every_square(dataset):
    for sample in dataset:
        small, large = (mask_columns(sample, size, make_task(sample, size)) for size in (48, 96))
        shape = ("mask_depth", "mask_components", "mask_sides")
        assert [small[name] for name in shape] == [large[name] for name in shape]
        task = make_task(sample, 96)
        assert large["mask_coverage"] == np.count_nonzero(task.mask) / task.mask.size
        direct = masks.describe(make_task(sample, 96).mask)
        # Drawn at 512 and at 96: half a pixel of 96 apart.
        assert large["mask_depth"] == pytest.approx(direct.depth_max, abs=1.5 / 96)
        assert large["mask_sides"] == direct.sides_touched


def test_the_whole_image_has_the_whole_mask(dataset):
    sample = dataset[0]
    found = mask_columns(sample, "native", make_task(sample, "native"))
    assert found["mask_coverage"] == pytest.approx(sample.metadata["mask_coverage"], abs=1e-12)
    assert found["mask_components"] >= 1


@pytest.mark.parametrize("size", [64, 120, "96x64", "native"])
def test_the_dataset_alone_gives_the_same(dataset, size):
    left_out = 0
    for sample in dataset:
        if fits(sample.metadata, size):
            assert expected_columns(sample, size) == mask_columns(sample, size, make_task(sample, size))
        else:
            left_out += 1
            assert set(expected_columns(sample, size).values()) == {None}
    assert left_out == (3 if size == 120 else 0)
