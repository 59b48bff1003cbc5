"""Formats beside the common ones: read with an optional package, refused with what to install, or by name."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from _df8k.decoding import extras


def plain(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


@pytest.fixture
def heic(colours):
    pillow_heif = pytest.importorskip("pillow_heif")

    def write(samples, **options):
        buffer = io.BytesIO()
        pillow_heif.from_pillow(Image.fromarray(samples)).save(buffer, quality=-1, chroma=444, **options)
        return buffer.getvalue()

    return write


def test_heic_is_read(colours, heic, close):
    samples = colours.eight(colours.picture(64, 64))
    close(heic(samples), samples, 6)


def test_avif_is_read_and_its_profile_converted(colours, close):
    samples = np.full((64, 64, 3), (180, 140, 90), np.uint8)
    data = colours.profile(colours.P3, 1.8)
    stored = round(1.8 * 256) / 256
    file = colours.saved(samples, "AVIF", quality=100, subsampling="4:4:4", icc_profile=data)
    close(file, colours.expected(samples / 255, colours.P3, colours.power(stored)), 4)
    close(colours.saved(samples, "AVIF", quality=100, subsampling="4:4:4"), samples, 3)


@pytest.mark.parametrize(("transfer", "curve"), [(16, "PQ"), (18, "HLG")])
def test_high_dynamic_range_in_boxes_is_refused(transfer, curve, colours, refused):
    file = colours.saved(colours.eight(colours.picture(64, 64)), "AVIF", quality=90)
    at = file.index(b"nclx") + 4
    hdr = file[:at] + (9).to_bytes(2, "big") + transfer.to_bytes(2, "big") + file[at + 4 :]
    assert refused(hdr, curve) == "decode"


def test_wide_primaries_in_boxes_are_converted(colours, close):
    samples = np.full((64, 64, 3), (180, 140, 90), np.uint8)
    file = colours.saved(samples, "AVIF", quality=100, subsampling="4:4:4")
    at = file.index(b"nclx") + 4
    wide = file[:at] + (12).to_bytes(2, "big") + (13).to_bytes(2, "big") + file[at + 4 :]
    close(wide, colours.expected(samples / 255, colours.P3, colours.srgb_decode), 4)


def test_jpeg_xl_is_read(colours, close):
    pytest.importorskip("pillow_jxl")
    samples = colours.eight(colours.picture(64, 64))
    close(colours.saved(samples, "JXL", lossless=True), samples, 0)


@pytest.mark.parametrize(
    ("start", "package", "extra"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(52), "pillow_heif", "df8k[heif]"),
        (b"\xff\x0a" + bytes(40), "pillow_jxl", "df8k[jxl]"),
        (b"II*\0\x10\0\0\0CR\2\0" + bytes(40), "rawpy", "df8k[raw]"),
        (b"FUJIFILMCCD-RAW " + bytes(40), "rawpy", "df8k[raw]"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "rawpy", "df8k[raw]"),
    ],
)
def test_a_missing_package_is_named(start, package, extra, refused, monkeypatch):
    monkeypatch.setattr(extras.importlib.util, "find_spec", {package: None}.__getitem__)
    assert refused(start, extra) == "decode"


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"GIF89a" + bytes(40), "256 colours"),
        (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(40), "JPEG 2000"),
        (b"8BPS\0\1" + bytes(40), "Photoshop"),
        (b"%PDF-1.7", "PDF"),
        (b'<?xml version="1.0"?><svg xmlns="x"/>', "SVG"),
        (b"P6\n2 2\n255\n" + bytes(12), "PNM"),
        (b"\x76\x2f\x31\x01" + bytes(40), "OpenEXR"),
        (b"#?RADIANCE\n", "Radiance"),
        (b"\0\0\0\x18ftypmp42" + bytes(40), "video"),
        (b"<html></html>", "not an image"),
    ],
)
def test_other_formats_are_refused_by_name(start, words, refused):
    assert refused(start, words) == "decode"


@pytest.mark.parametrize("container", ["BMP", "WEBP", "JPEG", "AVIF", "TIFF", "PNG"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_truncated_files_are_damage_in_every_container(container, kept, colours, refused):
    noise = np.random.Generator(np.random.Philox(1)).integers(0, 256, (96, 96, 3)).astype(np.uint8)
    file = colours.saved(noise, container)
    assert refused(file[: int(kept * len(file))], "damaged") == "decode"


@pytest.mark.parametrize("lossless", [True, False])
def test_holes_in_webp_are_damage(lossless, colours, refused):
    noise = np.random.Generator(np.random.Philox(1)).integers(0, 256, (128, 128, 3)).astype(np.uint8)
    file = colours.saved(noise, "WEBP", lossless=lossless, quality=100)
    assert refused(file[:4000] + bytes(2000) + file[6000:], "damaged") == "decode"


def test_lossiness_is_told_from_the_content(colours):
    from df8k.images import read_image

    samples = colours.eight(colours.picture())
    told = {
        (form, lossless): read_image(colours.saved(samples, form, **options)).lossy
        for form, lossless, options in (
            ("PNG", True, {}),
            ("TIFF", True, {}),
            ("WEBP", True, {"lossless": True}),
            ("WEBP", False, {"quality": 80}),
            ("JPEG", False, {}),
            ("BMP", True, {}),
        )
    }
    assert all(lossy != lossless for (_, lossless), lossy in told.items())


def test_bmp_whose_alpha_is_zero_everywhere_is_opaque(colours, close, refused):
    samples = colours.eight(colours.picture())

    def four_channels(alpha):
        lines = np.dstack([samples[::-1, :, ::-1], alpha[::-1]]).tobytes()
        height, width = samples.shape[:2]
        head = struct.pack("<IiiHHIIiiII", 124, width, height, 1, 32, 3, len(lines), 0, 0, 0, 0)
        head += struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000) + b"BGRs" + bytes(64)
        return struct.pack("<2sIHHI", b"BM", 138 + len(lines), 0, 0, 138) + head + lines

    close(four_channels(np.zeros(samples.shape[:2], np.uint8)), samples, 0)
    half = np.full(samples.shape[:2], 255, np.uint8)
    half[0, 0] = 3
    assert refused(four_channels(half), "transparent") == "alpha"
