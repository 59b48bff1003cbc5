import json

import pytest

from masks import MaskError, VectorMask


def test_json_is_canonical_and_survives_a_round_trip():
    vector = VectorMask.of((3000, 2000), [["c", 1, 2, 3, 4, 5], ["e", 9, 9, 4, -1, 3]], {"preset": "own-v1"})
    assert vector.json == (
        '{"aspect":[3,2],"format":"df8k-mask-1","origin":{"preset":"own-v1"},'
        '"primitives":[["c",1,2,3,4,5],["e",9,9,4,-1,3]]}'
    )
    again = VectorMask.from_json(vector.json)
    assert again == vector
    assert again.sha256 == vector.sha256


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(format="other-9"), "format is 'other-9'"),
        (lambda c: c.update(surplus=1), "unknown keys"),
        (lambda c: c.update(primitives=[["x", 1]]), "kind 'x'"),
        (lambda c: c.update(primitives=[["c", 1, 2, 3, 4]]), "5 are expected"),
        (lambda c: c.update(primitives=[["c", 1, 2, 3, 4, -5]]), "not positive"),
        (lambda c: c.update(primitives=[["c", 1, 2, 3, 4, True]]), "integers within"),
        (lambda c: c.update(primitives=[["p", 1, 2, 3, 4]]), "pairs, at least three"),
        (lambda c: c.update(primitives=[7]), "is a list"),
        (lambda c: c.update(aspect=[0, 1]), "aspect is"),
        (lambda c: c.update(aspect=[6, 4]), "lowest terms"),
        (lambda c: c.update(window=[0, 0, 9, 1]), "does not lie inside"),
    ],
)
def test_malformed_json_is_refused(change, message):
    content = json.loads(VectorMask.of((3, 2), [("c", 1, 2, 3, 4, 5)]).json)
    change(content)
    with pytest.raises(MaskError, match=message):
        VectorMask.from_json(json.dumps(content, sort_keys=True, separators=(",", ":")))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format":NaN}', '{"format":1.5}'])
def test_what_is_no_json_mask_is_refused(text):
    with pytest.raises(MaskError):
        VectorMask.from_json(text)


def test_another_aspect_is_refused_and_one_pixel_of_rounding_is_not():
    vector = VectorMask.of((3, 2), [("c", 0, 0, 9, 9, 9000)])
    assert vector.rasterize(4096, 2731).shape == (2731, 4096)
    assert vector.rasterize(1, 1).shape == (1, 1)
    with pytest.raises(MaskError, match="cannot be drawn at 512 x 512"):
        vector.rasterize(512, 512)
    with pytest.raises(MaskError, match="positive integers"):
        vector.rasterize(0, 512)
    with pytest.raises(MaskError, match="draw it in windows"):
        vector.area(90000, 60000)


def test_crop_needs_the_exact_aspect_and_the_whole_frame():
    vector = VectorMask.of((3, 2), [("c", 0, 0, 9, 9, 9000)])
    with pytest.raises(MaskError, match="does not have the mask's aspect"):
        vector.centre_square(4096, 2731)
    with pytest.raises(MaskError, match="both"):
        vector.centre_square(300)
    with pytest.raises(MaskError, match="part of its frame already"):
        vector.centre_square().centre_square()
