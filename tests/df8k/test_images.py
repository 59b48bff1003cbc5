"""Decoding: upright 8-bit sRGB pixels, or a reason."""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from df8k.images import MAX_PIXELS, Rejected, decode, encode_png


def encoded(image: Image.Image, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, **{"format": "PNG", **options})
    return buffer.getvalue()


def reason(data: bytes) -> str:
    with pytest.raises(Rejected) as caught:
        decode(data)
    assert caught.value.detail
    return caught.value.reason


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_comes_out_upright(gradient, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(Image.fromarray(gradient), exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    assert np.array_equal(decode(data), expected)
    assert decode(data).shape[:2] == ((20, 30) if orientation < 5 else (30, 20))


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_sixteen_bits_are_scaled_and_rounded(suffix):
    samples = np.linspace(0, 65535, 64 * 48 * 3).astype(np.uint16).reshape(48, 64, 3)
    _, data = cv2.imencode(suffix, samples[..., ::-1])
    expected = np.rint(samples.astype(np.float64) * 255 / 65535).astype(np.uint8)
    assert np.array_equal(decode(data.tobytes()), expected)


def test_sixteen_bit_grey_is_scaled_not_clipped():
    samples = np.linspace(0, 65535, 64 * 48).astype(np.uint16).reshape(48, 64)
    pixels = decode(encoded(Image.fromarray(samples)))
    assert np.array_equal(pixels[..., 0], np.rint(samples * (255 / 65535)).astype(np.uint8))
    assert np.array_equal(pixels[..., 0], pixels[..., 2])


def test_sixteen_bit_pictures_are_turned_too():
    samples = np.arange(20 * 30 * 3, dtype=np.uint16).reshape(20, 30, 3) * 30
    _, data = cv2.imencode(".png", samples[..., ::-1])
    exif = Image.Exif()
    exif[0x0112] = 6
    chunk = b"eXIf" + exif.tobytes()[6:]
    chunk = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    plain = data.tobytes()
    turned = decode(plain[:33] + chunk + plain[33:])
    assert np.array_equal(turned, np.rot90(decode(plain), -1))


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "RGBA", "CMYK", "YCbCr"])
def test_every_mode_becomes_rgb(gradient, mode):
    picture = Image.fromarray(gradient).convert(mode)
    file_format = "PNG" if mode in {"L", "P", "1", "LA", "RGBA"} else "JPEG" if mode == "YCbCr" else "TIFF"
    pixels = decode(encoded(picture, format=file_format))
    assert pixels.dtype == np.uint8
    assert pixels.shape == (20, 30, 3)
    if file_format != "JPEG":
        assert np.array_equal(pixels, np.asarray(picture.convert("RGB")))


def test_embedded_profiles_are_converted_to_srgb(gradient):
    """A profile whose red and blue primaries are exchanged must exchange the channels back."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    profile = profile.replace("sRGB".encode("utf-16-be"), "odd!".encode("utf-16-be"))
    flat = np.full((8, 8, 3), (200, 90, 30), np.uint8)
    pixels = decode(encoded(Image.fromarray(flat), icc_profile=bytes(profile)))
    assert np.abs(pixels.astype(int) - (30, 90, 200)).max() <= 2
    assert np.array_equal(decode(encoded(Image.fromarray(flat), icc_profile=b"garbage")), flat)


def test_transparent_pixels_are_refused_and_opaque_alpha_is_dropped(gradient):
    picture = Image.fromarray(gradient).convert("RGBA")
    assert np.array_equal(decode(encoded(picture)), gradient)
    picture.putpixel((3, 3), (1, 2, 3, 254))
    assert reason(encoded(picture)) == "alpha"


def test_damaged_and_fake_files_are_refused(gradient):
    whole = encoded(Image.fromarray(gradient))
    jpeg = encoded(Image.fromarray(np.tile(gradient, (8, 8, 1))), format="JPEG")
    for data in (b"", b"<html></html>", whole[:60], jpeg[: len(jpeg) // 2], b"GIF89a" + bytes(40)):
        assert reason(data) == "decode"


def test_a_header_that_promises_too_many_pixels_is_refused_without_decoding():
    header = struct.pack(">IIBBBBB", 65535, 65535, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    assert MAX_PIXELS < 65535**2
    assert reason(bomb) == "decode"


@pytest.mark.parametrize("shape", [(1, 1), (3, 500), (500, 3), (64, 64)])
def test_the_encoder_loses_nothing(shape):
    pixels = np.random.Generator(np.random.Philox(2)).integers(0, 256, (*shape, 3), np.uint8)
    assert np.array_equal(decode(encode_png(pixels)), pixels)
