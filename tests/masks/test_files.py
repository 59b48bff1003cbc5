from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

import masks


@settings(max_examples=60, deadline=None)
@given(
    arrays(bool, st.tuples(st.integers(1, 40), st.integers(1, 40))),
    st.sampled_from([1, 8]),
)
def test_png_round_trip(mask, bits):
    content = masks.encode_png(mask, bits=bits)
    np.testing.assert_array_equal(masks.decode_png(content), mask)
    with Image.open(BytesIO(content)) as picture:
        assert picture.mode == {1: "1", 8: "L"}[bits]
        np.testing.assert_array_equal(np.asarray(picture.convert("L")), np.where(mask, 255, 0))


def test_png_is_read_from_a_path_and_held_to_a_size(tmp_path):
    path = tmp_path / "mask.png"
    path.write_bytes(masks.encode_png(np.eye(4, 6, dtype=bool)))
    assert masks.decode_png(path, size=(6, 4)).sum() == 4
    with pytest.raises(masks.MaskError, match=r"6 x 4 pixels, its image 4 x 6"):
        masks.decode_png(path, size=(4, 6))


def _encoded(picture, form="PNG"):
    content = BytesIO()
    picture.save(content, form)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (_encoded(Image.new("L", (8, 8), 255), "JPEG"), "JPEG file"),
        (_encoded(Image.new("RGB", (8, 8))), "mode RGB"),
        (_encoded(Image.new("L", (8, 8), 128)), r"64 pixels that are neither 0 nor 255 \(such as \[128\]\)"),
        (_encoded(Image.new("L", (8, 8), 1)), "neither 0 nor 255"),
        (b"no picture", "cannot be read"),
        (_encoded(Image.new("L", (8, 8)))[:45], "cannot be read"),
    ],
)
def test_unfit_files_are_refused(content, message):
    with pytest.raises(masks.MaskError, match=message):
        masks.decode_png(content)


@pytest.mark.parametrize("array", [np.zeros((3, 3)), np.zeros((3, 3, 1), bool), np.zeros((0, 3), bool), None])
def test_only_masks_are_encoded(array):
    with pytest.raises(masks.MaskError, match="bool array"):
        masks.encode_png(array)
    with pytest.raises(masks.MaskError, match="1 or 8 bits"):
        masks.encode_png(np.zeros((2, 2), bool), bits=4)


def test_collections_are_the_same_bytes_and_come_back(tmp_path):
    vectors = {key: masks.synthesize((3, 2), "blobs", key) for key in "ba"}
    for name in ("a.jsonl", "a.jsonl.gz"):
        path = tmp_path / name
        masks.write_vectors(path, vectors)
        first = path.read_bytes()
        masks.write_vectors(path, dict(reversed(vectors.items())))
        assert path.read_bytes() == first
        assert masks.read_vectors(path) == vectors
        assert list(masks.read_vectors(path)) == ["a", "b"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "a.jsonl.gz"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("{}\n", "line 1: 'name' and 'mask'"),
        ("x\n", "line 1"),
        ('{"name":"a","mask":{}}\n', "format is None"),
    ],
)
def test_malformed_collections_are_refused(tmp_path, lines, message):
    path = tmp_path / "a.jsonl"
    path.write_text(lines)
    with pytest.raises(masks.MaskError, match=message):
        masks.read_vectors(path)


def test_doubled_names_and_cut_files_are_refused(tmp_path):
    vector = masks.synthesize((1, 1), "box", "a")
    path = tmp_path / "a.jsonl"
    masks.write_vectors(path, {"a": vector})
    path.write_bytes(path.read_bytes() * 2)
    with pytest.raises(masks.MaskError, match="comes twice"):
        masks.read_vectors(path)
    path = tmp_path / "a.jsonl.gz"
    masks.write_vectors(path, {"a": vector})
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(masks.MaskError, match="gzip"):
        masks.read_vectors(path)


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    masks.write_atomically(path, b"old")

    def broken(_handle):
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", broken)
    with pytest.raises(OSError, match="disk full"):
        masks.write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
