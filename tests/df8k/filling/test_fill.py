"""Filling one's own photograph: what goes in, what stays, what is refused."""

import io
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

import df8k
import masks
from df8k.filling.hole import read_hole

SIZE = (96, 64)  # width, height


def scene(width=SIZE[0], height=SIZE[1]):
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    return np.stack([(x * 5) % 256, (y * 7) % 256, (x + y) % 256], axis=-1).astype(np.uint8)


def disc(width=SIZE[0], height=SIZE[1]):
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    return (x - 40) ** 2 + (y - 30) ** 2 < 144


def save_mask(path: Path, mask, *, inverted=False):
    Image.fromarray(np.where(mask ^ inverted, 255, 0).astype(np.uint8)).save(path)
    return path


def grey(image, mask):
    return np.full_like(image, 128)


def test_known_pixels_stay_and_the_hole_is_hidden_from_the_method(tmp_path):
    photo = tmp_path / "photo.png"
    Image.fromarray(scene()).save(photo)
    seen = []

    def method(image, mask):
        seen.append((image[mask].max(), mask.sum()))
        return np.full_like(image, 7)

    filled = df8k.fill(photo, save_mask(tmp_path / "mask.png", disc()), method, out=tmp_path / "out.png")
    assert seen == [(0, disc().sum())]
    stored = np.asarray(Image.open(tmp_path / "out.png"))
    assert np.array_equal(stored, filled.pixels)
    assert np.array_equal(stored[~disc()], scene()[~disc()])
    assert (stored[disc()] == 7).all()
    assert filled.remark is None


def display_p3() -> bytes:
    """Profile with the primaries of Display P3, written by LittleCMS from its chromaticities."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # The three colorants, adapted to D50, as Apple's profile has them (s15Fixed16).
    colorants = {
        b"rXYZ": (0x83DF, 0x3DBF, -0x45),
        b"gXYZ": (0x4ABF, 0xB137, 0x0AB9),
        b"bXYZ": (0x2838, 0x110B, 0xC8B9),
    }
    for index in range(int.from_bytes(profile[128:132])):
        entry = 132 + 12 * index
        name, offset = bytes(profile[entry : entry + 4]), int.from_bytes(profile[entry + 4 : entry + 8])
        if name in colorants:
            for axis, value in enumerate(colorants[name]):
                start = offset + 8 + 4 * axis
                profile[start : start + 4] = value.to_bytes(4, signed=True)
        if name == b"desc":  # a name with sRGB in it would be taken for sRGB
            length = int.from_bytes(profile[entry + 8 : entry + 12])
            text = bytes(profile[offset : offset + length])
            profile[offset : offset + length] = text.replace(b"s\0R\0G\0B", b"P\x003\0-\0d")
    return bytes(profile)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_turned_display_p3_jpeg_comes_out_upright_in_srgb(tmp_path, orientation):
    from df8k.images import decode

    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = tmp_path / "photo.jpg"
    Image.fromarray(scene()).save(photo, quality=95, exif=exif, icc_profile=display_p3())
    upright = decode(photo.read_bytes())
    assert upright.shape[:2] == ((64, 96) if orientation in (1, 3) else (96, 64))
    plain = io.BytesIO()
    Image.fromarray(scene()).save(plain, "JPEG", quality=95, exif=exif)
    assert not np.array_equal(upright, decode(plain.getvalue()))  # the profile counts
    mask = disc(upright.shape[1], upright.shape[0])
    df8k.fill(photo, save_mask(tmp_path / "mask.png", mask), grey, out=tmp_path / "out.png")
    stored = Image.open(tmp_path / "out.png")
    assert "icc_profile" not in stored.info
    assert stored.getexif().get(0x0112, 1) == 1
    assert np.array_equal(np.asarray(stored)[~mask], upright[~mask])
    assert (np.asarray(stored)[mask] == 128).all()


def test_fifty_megapixels_turned_by_exif_in_display_p3(tmp_path):
    from df8k.images import decode

    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: rows run down the picture
    photo, out = tmp_path / "photo.jpg", tmp_path / "out.png"
    stored_size = (8662, 5774)
    wide = cv2.resize(scene(), stored_size, interpolation=cv2.INTER_LINEAR)
    Image.fromarray(wide).save(photo, quality=90, exif=exif, icc_profile=display_p3())
    upright = decode(photo.read_bytes())
    height, width = upright.shape[:2]
    assert (width, height) == stored_size[::-1]
    assert width * height > 50e6
    mask = np.zeros((height, width), bool)
    mask[4000:4400, 1000:1500] = True
    df8k.fill(photo, save_mask(tmp_path / "mask.png", mask), "mean", out=out)
    filled = cv2.imread(str(out))[..., ::-1]
    assert np.array_equal(filled[~mask], upright[~mask])
    assert len(np.unique(filled[mask], axis=0)) == 1
    unturned = save_mask(tmp_path / "unturned.png", mask.T)
    with pytest.raises(masks.MaskError, match=f"{stored_size[0]} x {stored_size[1]}.*{width} x {height}"):
        df8k.fill(photo, unturned, "mean")


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_known_pixels_keep_sixteen_bits(tmp_path, suffix):
    deep = np.random.default_rng(5).integers(0, 65536, (64, 96, 3), dtype=np.uint16)
    photo, out = tmp_path / f"photo{suffix}", tmp_path / f"out{suffix}"
    assert cv2.imwrite(str(photo), deep[..., ::-1])
    df8k.fill(photo, disc(), grey, out=out)
    stored = cv2.imread(str(out), cv2.IMREAD_UNCHANGED)[..., ::-1]
    assert stored.dtype == np.uint16
    assert np.array_equal(stored[~disc()], deep[~disc()])
    assert (stored[disc()] == 128 * 257).all()


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff", ".webp"])
def test_containers_without_loss_keep_every_pixel(tmp_path, suffix):
    filled = df8k.fill(scene(), disc(), grey, out=tmp_path / f"out{suffix}")
    assert np.array_equal(np.asarray(Image.open(tmp_path / f"out{suffix}").convert("RGB")), filled.pixels)


def test_polarity_is_detected_and_said(tmp_path):
    path = save_mask(tmp_path / "mask.png", disc(), inverted=True)
    hole, remark = read_hole(path, SIZE)
    assert np.array_equal(hole, disc())
    assert "black pixels" in remark
    assert np.array_equal(read_hole(path, SIZE, polarity="black")[0], disc())
    forced, doubt = read_hole(path, SIZE, polarity="white")
    assert np.array_equal(forced, ~disc())
    assert "looks inverted" in doubt


def test_masks_come_as_vectors_and_presets_too(tmp_path):
    vector = masks.synthesize(aspect=SIZE, preset="df8k-small", key="photo")
    (tmp_path / "mask.json").write_text(vector.json)
    raster = vector.rasterize(*SIZE)
    assert np.array_equal(read_hole(tmp_path / "mask.json", SIZE)[0], raster)
    assert np.array_equal(read_hole(vector, SIZE)[0], raster)
    photo = tmp_path / "photo.png"
    Image.fromarray(scene()).save(photo)
    assert np.array_equal(df8k.fill(photo, "preset:df8k-small", grey).hole, raster)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: save_mask(path, np.zeros((64, 96), bool)), "nothing to fill"),
        (lambda path: save_mask(path, np.ones((64, 96), bool)), "which colour is the hole"),
        (lambda path: save_mask(path, disc(64, 96)), "masks are never resized"),
        (lambda path: path.with_name("absent.png"), "preset:df8k-small"),
        (lambda path: np.ones((64, 96), bool), "fill from"),
        (lambda path: np.ones((64, 96), np.uint8), "bool"),
        (lambda path: "preset:unheard-of", "unheard-of"),
    ],
)
def test_masks_that_do_not_fit_are_refused_with_words(tmp_path, make, message):
    with pytest.raises(ValueError, match=message):
        df8k.fill(scene(), make(tmp_path / "mask.png"), grey, out=tmp_path / "out.png")
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize(
    ("photo", "message"),
    [(np.zeros((4, 4), np.uint8), "uint8 RGB"), (np.zeros((4, 4, 3), np.float32), "float32")],
)
def test_photos_that_cannot_be_filled_are_refused(photo, message):
    with pytest.raises(df8k.FillError, match=message):
        df8k.fill(photo, np.eye(4, dtype=bool), grey)


def test_an_unreadable_photo_names_its_file(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"not a picture")
    with pytest.raises(df8k.FillError, match=r"photo\.jpg"):
        df8k.fill(tmp_path / "photo.jpg", disc(), grey)


def test_a_wrong_answer_and_a_wrong_name_are_refused(tmp_path):
    with pytest.raises(df8k.FillError, match="float64"):
        df8k.fill(scene(), disc(), lambda image, mask: image / 255)
    with pytest.raises(df8k.FillError, match=r"\.png keeps"):
        df8k.fill(scene(), disc(), grey, out=tmp_path / "out.gif")


def test_registered_methods_fill_by_name():
    filled = df8k.fill(scene(), disc(), "telea")
    assert np.array_equal(filled.pixels[~disc()], scene()[~disc()])
    assert len(np.unique(filled.pixels[disc()], axis=0)) > 10


def test_the_sheet_holds_both_pictures():
    filled = df8k.fill(scene(), disc(), grey)
    sheet = np.asarray(Image.open(io.BytesIO(filled.sheet())))
    assert sheet.shape == (64, 96 + 8 + 96, 3)
    assert np.array_equal(sheet[:, 104:], filled.pixels)
    assert (sheet[30, 40] != filled.pixels[30, 40]).any()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OSError, match="Permission"):
        df8k.fill(scene(), disc(), grey, out=tmp_path / "out.png")
