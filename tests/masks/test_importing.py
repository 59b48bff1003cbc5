import numpy as np
import pytest
import tifffile
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


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32])
@pytest.mark.parametrize("form", ["minisblack", "miniswhite"])
def test_whole_numbers_of_any_width_are_read_or_refused(tmp_path, dtype, form):
    hole = np.zeros((24, 32), np.bool_)
    hole[4:12, 6:20] = True
    highest = np.iinfo(dtype).max
    samples = np.where(hole, highest, 0).astype(dtype)
    path = tmp_path / "mask.tif"
    tifffile.imwrite(path, highest - samples if form == "miniswhite" else samples, photometric=form)
    assert np.array_equal(import_mask(path, hole="white"), hole)
    samples[0, 0] = 1  # a label, and nothing once it is scaled to 8 bits
    tifffile.imwrite(path, samples, photometric="minisblack")
    with pytest.raises(MaskError, match=r"neither 0 nor .*such as \[1\]"):
        import_mask(path, hole="white")


@pytest.mark.parametrize("dtype", ["i2", "i4", "f4", "u8"])
def test_numbers_without_a_white_are_refused_by_name(tmp_path, dtype):
    path = tmp_path / "mask.tif"
    tifffile.imwrite(path, np.zeros((8, 8), dtype), photometric="minisblack")
    with pytest.raises(MaskError, match="TIFF of"):
        import_mask(path, hole="white")


@pytest.mark.parametrize("bits", [8, 16])
def test_lab_masks_are_black_and_white(tmp_path, bits):
    hole = np.zeros((16, 16), np.bool_)
    hole[3:9, 2:12] = True
    samples = np.zeros((16, 16, 3), f"u{bits // 8}")
    samples[hole, 0] = np.iinfo(samples.dtype).max
    path = tmp_path / "mask.tif"
    tifffile.imwrite(path, samples, photometric="cielab")
    assert np.array_equal(import_mask(path, hole="white"), hole)
    samples[0, 0, 0] = np.iinfo(samples.dtype).max // 2
    tifffile.imwrite(path, samples, photometric="cielab")
    with pytest.raises(MaskError, match="neither 0 nor 255"):
        import_mask(path, hole="white")


def test_arrays_under_other_names_are_named(tmp_path):
    hole = np.zeros((8, 8), np.bool_)
    for name, write in (("a.npy", np.savez), ("b.npy", np.savez_compressed)):
        with (tmp_path / name).open("wb") as file:
            write(file, mask=hole)
        with pytest.raises(MaskError, match=r"archive \(\.npz\)"):
            import_mask(tmp_path / name, hole="white")
    for name, writer, words in (("c.png", np.save, "call the file .npy"), ("d.png", np.savez, "archive")):
        with (tmp_path / name).open("wb") as file:
            writer(file, hole)
        with pytest.raises(MaskError, match=words):
            import_mask(tmp_path / name, hole="white")
    np.save(tmp_path / "text.npy", np.full((4, 4), "x"))
    with pytest.raises(MaskError, match="bools or zeros and ones"):
        import_mask(tmp_path / "text.npy", hole="white")


def test_a_damaged_mask_is_refused(tmp_path):
    path = tmp_path / "mask.png"
    grey = np.zeros((64, 64), np.uint8)
    grey[::3] = 255
    Image.fromarray(grey).save(path)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(MaskError, match="damaged"):
        import_mask(path, hole="white")
