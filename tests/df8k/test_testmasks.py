"""Masks of frames: inside the preset's band in every ranked protocol, and functions of their keys alone."""

import json

import pytest

import df8k
import masks
from df8k.testmasks import STORED, MaskTask, make_test_mask, mask_in_frame
from df8k.testmasks.frames import centre_crop
from df8k.testmasks.vectors import frame_mask

# Long side over short side from 1:1 to 16:9, every other one portrait.
ASPECTS = [(1440 + 8 * step, 1440) if step % 2 else (1440, 1440 + 8 * step) for step in range(141)]


def shares(vector, crop):
    """The fraction at the crop's own size, and the counts at the papers' sizes."""
    sizes = [crop] + [vector.frame.size_at(short) for short in (256, 512, 1024, 2048)]
    return [(vector.area(*size), size[0] * size[1]) for size in sizes]


@pytest.mark.parametrize(("preset", "count"), [("df8k", 300), ("df8k-small", 60)])
def test_official_masks_are_in_their_band_in_every_ranked_protocol(preset, count):
    declared = masks.find_preset(preset)
    for index in range(count):
        image = ASPECTS[index * 7 % len(ASPECTS)]
        whole = masks.synthesize(aspect=image, preset=preset, key=f"2|{index:016x}")
        ranked = [(whole, image)]
        for aspect in STORED:
            _, _, *crop = centre_crop(*image, *aspect)
            ranked.append((frame_mask(whole, aspect), tuple(crop)))
        for vector, crop in ranked:
            for missing, pixels in shares(vector, crop):
                assert declared.declares(missing, pixels), (index, image, crop, missing / pixels)


def test_the_crop_of_the_whole_mask_would_not_be():
    """What version 1 measured: the reason for masks of frames."""
    outside = 0
    for index in range(40):
        whole = masks.synthesize(aspect=(16, 9), preset="df8k", key=f"1|{index}")
        square = whole.crop((1920, 1080), (420, 0, 1080, 1080))
        outside += not masks.find_preset("df8k").declares(square.area(512, 512), 512 * 512)
    assert outside >= 4


def made(tmp_path, name="0" * 16, **changes):
    settings = {"image_id": name, "width": 1536, "height": 1024, "preset": "df8k", "version": "2"}
    return make_test_mask(MaskTask(**settings | changes, path=tmp_path / f"{name}.png"))


def test_masks_of_an_image_follow_from_version_preset_image_and_frame(tmp_path):
    first, again, other = made(tmp_path), made(tmp_path), made(tmp_path, "1" * 16)
    assert first == again
    assert len({first.whole.sha256, *(frame.sha256 for frame in first.frames.values())}) == 3
    assert not {record.sha256 for record in first.frames.values()} & {
        record.sha256 for record in other.frames.values()
    }
    assert made(tmp_path, version="3").frames[1, 1] != first.frames[1, 1]
    assert len({first.sha256, other.sha256, made(tmp_path, preset="blobs").sha256}) == 3


def test_a_square_image_has_one_mask_for_both(tmp_path):
    square = made(tmp_path, width=1024)
    assert square.frames[1, 1] == square.whole
    assert square.frames[16, 9] != square.whole


def test_every_preset_has_masks_for_every_frame(tmp_path):
    for preset in masks.preset_names():
        row = made(tmp_path, preset=preset, width=768, height=1024).columns()
        for aspect in STORED:
            assert mask_in_frame(row | {"width": 768, "height": 1024}, *aspect).aspect == aspect


def test_a_frame_without_a_stored_mask_gets_one_in_the_band(tmp_path):
    row = made(tmp_path).columns() | {"width": 1536, "height": 1024}
    vector = mask_in_frame(row, 2560, 1080)
    assert vector.aspect == (64, 27)
    assert masks.find_preset("df8k").declares(vector.area(2560, 1080), 2560 * 1080)
    assert vector == mask_in_frame(row, 64, 27)


def test_a_mask_made_by_hand_has_no_frames():
    whole = masks.VectorMask.of((3, 2), [["c", 9000, 9000, 9000, 9000, 4000]])
    row = {"mask_json": whole.json, "mask_1x1_json": whole.json, "width": 3, "height": 2}
    with pytest.raises(df8k.DatasetError, match="names no preset"):
        mask_in_frame(row, 4, 3)


def test_the_stored_mask_wins_over_what_would_be_drawn(tmp_path):
    """A dataset's masks are what its tables hold, whatever a later version would draw."""
    row = made(tmp_path).columns() | {"width": 1536, "height": 1024}
    content = json.loads(row["mask_1x1_json"])
    content["origin"]["attempt"] = 77
    row["mask_1x1_json"] = json.dumps(content, sort_keys=True, separators=(",", ":"))
    assert mask_in_frame(row, 512, 512).json == row["mask_1x1_json"]


def test_an_image_too_small_for_its_preset_is_drawn_again(tmp_path):
    """The band is promised from 256 px on; a build of many small pictures must not end at its last stage."""
    declared, again = masks.find_preset("df8k"), 0
    for number in range(60):
        name = f"{number:016x}"
        mask = made(tmp_path, name, width=48, height=32)
        again += mask.whole.json != masks.synthesize(aspect=(3, 2), preset="df8k", key=f"2|{name}").json
        for record in (mask.whole, *mask.frames.values()):
            assert declared.declares(record.missing, record.pixels)
    assert 0 < again < 30


def test_an_image_of_a_few_pixels_is_refused(tmp_path):
    with pytest.raises(
        df8k.errors.BuildError, match=r"no mask of 0{16} covers 0\.3 to 0\.5.* raise min_side"
    ):
        made(tmp_path, width=2, height=1)
