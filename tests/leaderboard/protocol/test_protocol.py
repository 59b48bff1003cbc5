"""From a dataset image to a frame: sizes are parsed, cropped, ordered and never enlarged."""

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

import df8k
import leaderboard
from df8k.recipe import read_recipe
from df8k.testmasks import aspect_of, frame_name
from df8k.verification import verify
from leaderboard.audit.validate import validate
from leaderboard.protocol.sizes import LADDER, CheckedSize, extent, parse_sizes, size_order
from leaderboard.protocol.task import fits, framed_task, make_task
from leaderboard.protocol.versions import default_sizes, headline_of


def test_sizes_are_parsed_and_a_square_has_one_name():
    assert parse_sizes("512, 3840x2160,native") == (512, "3840x2160", "native")
    assert parse_sizes("64x64") == (64,)
    assert parse_sizes("16,ladder") == (16, *LADDER)
    for wrong in ("x", "512x", "-3", "0x5", "512 1024", ""):
        with pytest.raises(leaderboard.LeaderboardError, match="is no size"):
            parse_sizes(wrong)


def test_sizes_survive_json_and_nonsense_is_refused():
    adapter = TypeAdapter(list[CheckedSize])
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
        # At its own pixels nothing is resampled: the crop and the frame's mask are found again.
        wide, high = width, width // 2
        task = framed_task(sample, wide, high)
        top = (height - high) // 2
        assert np.array_equal(task.target, sample.image[top : top + high])
        assert np.array_equal(task.mask, sample.vector_in(wide, high).rasterize(wide, high))


def test_in_format_1_a_frame_is_cropped_from_image_and_mask_alike(dataset_1):
    assert verify(dataset_1.root) == []
    for sample in dataset_1:
        height, width, _ = sample.image.shape
        wide, high = width, width // 2
        task = framed_task(sample, wide, high)
        top = (height - high) // 2
        assert np.array_equal(task.target, sample.image[top : top + high])
        assert np.array_equal(task.mask, sample.mask[top : top + high])


def test_a_frame_of_the_image_s_own_aspect_has_the_image_s_own_mask(dataset):
    for sample in dataset:
        height, width, _ = sample.image.shape
        assert np.array_equal(framed_task(sample, width, height).mask, sample.mask)


def test_the_frames_of_the_ladder_have_stored_masks(dataset):
    """What is ranked stands in the dataset, and is not drawn by whoever measures."""
    for size in LADDER:
        frame = frame_name(aspect_of(*extent(size)))
        for sample in dataset:
            assert sample.vector_in(*extent(size)).json == sample.metadata[f"mask_{frame}_json"]


def test_the_dataset_s_format_decides_the_protocol(dataset, dataset_1, fake, tmp_path):
    paths = [tmp_path / "of-1.json", tmp_path / "of-2.json"]
    results = [
        leaderboard.evaluate(fake(lambda image, _mask: image), source, sizes=[48, "native"], out=path)
        for source, path in zip((dataset_1, dataset), paths, strict=True)
    ]
    assert [result.protocol.version for result in results] == [1, 2]
    assert [result.dataset.preset for result in results] == ["band-30-50-v1", "band-30-50-v1"]
    assert validate(paths[0], dataset_1) == validate(paths[1], dataset) == []
    finding = (
        r"of-1.json and .*of-2.json cannot be compared.* 1 \(masks of whole images, .* and 2 \(a mask for"
    )
    with pytest.raises(leaderboard.LeaderboardError, match=finding):
        leaderboard.build_site(paths, tmp_path / "site")


def test_the_dataset_s_headline_is_measured_and_shown_first(dataset):
    named = dataset.description.configuration.model_copy(update={"headline": "native"})
    other = df8k.load(dataset.root)
    other.description = dataset.description.model_copy(update={"configuration": named})
    assert headline_of(dataset) is None
    assert default_sizes(dataset) == (512, 1024, 2048)
    assert headline_of(other) == "native"
    assert default_sizes(other) == (512, 1024, 2048, "native")
    assert read_recipe("df8k-faithful").config().headline == "native"
    assert read_recipe("df8k-faithful-450").config().headline == "native"


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
