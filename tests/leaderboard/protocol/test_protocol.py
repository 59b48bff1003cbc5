"""From a dataset image to a frame: sizes are parsed, cropped, ordered and never enlarged."""

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

import leaderboard
from leaderboard.protocol.sizes import LADDER, Size, extent, parse_sizes, size_order
from leaderboard.protocol.task import fits, framed_task, make_task


def test_sizes_are_parsed_and_a_square_has_one_name():
    assert parse_sizes("512, 3840x2160,native") == (512, "3840x2160", "native")
    assert parse_sizes("64x64") == (64,)
    assert parse_sizes("16,ladder") == (16, *LADDER)
    for wrong in ("x", "512x", "-3", "0x5", "512 1024", ""):
        with pytest.raises(leaderboard.LeaderboardError, match="is no size"):
            parse_sizes(wrong)


def test_sizes_survive_json_and_nonsense_is_refused():
    adapter = TypeAdapter(list[Size])
    assert adapter.validate_json(adapter.dump_json(list(LADDER))) == list(LADDER)
    for wrong in ('["12"]', "[3]", '["3840x"]', '["../x"]', '["4x4\\n"]'):
        with pytest.raises(ValidationError):
            adapter.validate_json(wrong)


def test_the_ladder_rises_and_native_comes_last():
    assert sorted(["native", *LADDER[::-1]], key=size_order) == [*LADDER, "native"]
    assert [extent(size) for size in ("3840x2160", 512, "native")] == [(3840, 2160), (512, 512), None]


def test_a_frame_is_the_largest_centre_crop_of_its_aspect(dataset):
    for sample in dataset:
        height, width, _ = sample.image.shape
        for frame in ((64, 36), (36, 64), (80, 80)):
            task = framed_task(sample, *frame)
            assert task.target.shape == (frame[1], frame[0], 3)
            assert task.mask.shape == task.target.shape[:2]
            assert 0 < task.mask.mean() < 1
        # At its own pixels nothing is resampled: the crop and the stored mask are found again.
        wide, high = width, width // 2
        task = framed_task(sample, wide, high)
        top = (height - high) // 2
        assert np.array_equal(task.target, sample.image[top : top + high])
        assert np.array_equal(task.mask, sample.mask[top : top + high])


def test_nothing_is_enlarged_on_either_side(dataset):
    metadata = {"width": 3840, "height": 2160}
    assert fits(metadata, "3840x2160")
    assert not fits(metadata, "2160x3840")
    assert not fits(metadata, 4096)
    assert fits(metadata, "native")
    assert make_task(dataset[0], "48x32").target.shape == (32, 48, 3)


def test_a_result_may_hold_frames(dataset, fake):
    method = fake(lambda image, _mask: image)
    result = leaderboard.evaluate(method, dataset, sizes=[48, "64x36"])
    assert [part.size for part in result.sizes] == [48, "64x36"]
    assert [part.n for part in result.sizes] == [6, 6]
