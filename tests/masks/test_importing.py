import numpy as np
import pytest
from PIL import Image

from masks import MaskError, MaskFolder, PolarityWarning, encode_png, import_mask, looks_inverted


@pytest.fixture
def hole():
    mask = np.zeros((12, 16), bool)
    mask[3:8, 4:9] = True
    return mask


def grey(mask):
    return Image.fromarray(np.where(mask, 255, 0).astype(np.uint8))


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif", "a.npy", "rgb.png", "one.png", "a.gif"])
def test_layouts_of_other_projects_are_read(tmp_path, hole, name):
    path = tmp_path / name
    if name.endswith(".npy"):
        np.save(path, hole.astype(np.uint8))
    elif name == "rgb.png":
        grey(hole).convert("RGB").save(path)
    elif name == "one.png":
        path.write_bytes(encode_png(hole, bits=1))
    else:
        grey(hole).save(path)
    np.testing.assert_array_equal(import_mask(path, hole="white", size=(16, 12)), hole)


def test_black_holes_are_turned_and_a_wrong_word_is_noticed(tmp_path, hole):
    path = tmp_path / "a.png"
    grey(~hole).save(path)
    np.testing.assert_array_equal(import_mask(path, hole="black"), hole)
    with pytest.warns(PolarityWarning, match="hole='black' is meant"):
        import_mask(path, hole="white")


def test_polarity_is_doubted_only_where_it_looks_wrong(hole):
    assert looks_inverted(hole) is None
    assert "of its border" in looks_inverted(~hole)
    assert looks_inverted(np.ones((3, 3), bool)) == "every pixel is missing"
    framed = np.ones((20, 20), bool)
    framed[[0, -1]] = framed[:, [0, -1]] = False
    assert looks_inverted(framed) is None  # large, but nowhere near the border


def unfit(tmp_path, kind, hole):
    path = tmp_path / f"{kind}.png"
    if kind == "jpeg":
        grey(hole).save(path, "JPEG")
    elif kind == "webp":
        grey(hole).convert("RGB").save(path, "WEBP", quality=5)
    elif kind == "antialiased":
        grey(hole).resize((9, 9), Image.Resampling.BILINEAR).save(path)
    elif kind == "colour":
        Image.new("RGB", (8, 8), (255, 0, 0)).save(path)
    elif kind == "transparent":
        Image.new("LA", (8, 8), (255, 9)).save(path)
    elif kind == "deep":
        Image.fromarray(np.full((8, 8), 700, np.uint16)).save(path)
    elif kind == "other size":
        grey(hole).save(path)
    elif kind == "text":
        path.write_text("mask")
    elif kind == "numbers":
        path = path.with_suffix(".npy")
        np.save(path, np.full((8, 8), 0.5))
    elif kind == "cube":
        path = path.with_suffix(".npy")
        np.save(path, np.zeros((8, 8, 1)))
    return path


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("jpeg", "JPEG file"),
        ("webp", "WEBP file"),
        ("antialiased", "neither 0 nor 255"),
        ("colour", "in colour"),
        ("transparent", "partly transparent"),
        ("deep", "16 bits"),
        ("other size", "never resized"),
        ("text", "no picture"),
        ("numbers", "other than 0 and 1"),
        ("cube", r"\(8, 8, 1\)"),
    ],
)
def test_unfit_masks_are_refused(tmp_path, hole, kind, message):
    with pytest.raises(MaskError, match=message):
        import_mask(unfit(tmp_path, kind, hole), hole="white", size=(8, 8) if kind == "other size" else None)


def test_polarity_must_be_said(tmp_path, hole):
    grey(hole).save(tmp_path / "a.png")
    with pytest.raises(MaskError, match="say 'white' or 'black'"):
        import_mask(tmp_path / "a.png", hole="auto")
    with pytest.raises(TypeError):
        import_mask(tmp_path / "a.png")


def test_folder_pairs_by_name_and_reads_late(tmp_path, hole):
    for name in ("b", "a"):
        grey(hole).save(tmp_path / f"{name}.png")
    (tmp_path / "notes.txt").write_text("x")
    folder = MaskFolder(tmp_path, hole="white", sizes={"a": (16, 12), "b": (16, 12)})
    assert list(folder) == ["a", "b"]
    assert len(folder) == 2
    np.testing.assert_array_equal(folder["b"], hole)
    with pytest.raises(KeyError):
        folder["c"]
    wrong = MaskFolder(tmp_path, hole="white", sizes={"a": (16, 12), "b": (12, 16)})
    with pytest.raises(MaskError, match="never resized"):
        wrong["b"]


def test_folder_refuses_orphans_doubles_and_emptiness(tmp_path, hole):
    with pytest.raises(MaskError, match="holds no masks"):
        MaskFolder(tmp_path, hole="white")
    with pytest.raises(MaskError, match="does not exist"):
        MaskFolder(tmp_path / "none", hole="white")
    grey(hole).save(tmp_path / "a.png")
    with pytest.raises(MaskError, match=r"1 names have no mask .*'b'.* 1 masks have no name .*'a'"):
        MaskFolder(tmp_path, hole="white", sizes={"b": (16, 12)})
    grey(hole).save(tmp_path / "a.bmp")
    with pytest.raises(MaskError, match="keep one"):
        MaskFolder(tmp_path, hole="white")
