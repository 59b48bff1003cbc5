"""Every container with every kind of colour information, against arithmetic from the definitions."""

import struct

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

PROFILES = {
    "linear": ("SRGB", 1.0, "GIMP built-in Linear sRGB"),
    "display": ("P3", 1.8, "Display calibrated (not sRGB)"),
    "adobe": ("ADOBE", 2.2, "Adobe RGB (1998)"),
    "bt2020": ("BT2020", 2.4, "sRGB"),
}
LOSSLESS = {"PNG": {}, "TIFF": {}, "WEBP": {"lossless": True, "exact": True}}


@pytest.fixture(params=PROFILES)
def stated(request, colours):
    """Profile, and the picture that it makes of samples."""
    primaries, exponent, name = PROFILES[request.param]
    chosen = getattr(colours, primaries)
    exponent = round(exponent * 256) / 256  # as the profile holds it
    data = colours.profile(chosen, exponent, name=name)
    return data, lambda values: colours.expected(values, chosen, colours.power(exponent))


@pytest.mark.parametrize("container", LOSSLESS)
def test_profiles_are_converted_whatever_they_are_called(container, stated, colours, close):
    data, convert = stated
    samples = colours.eight(colours.picture())
    file = colours.saved(samples, container, icc_profile=data, **LOSSLESS[container])
    close(file, convert(samples / 255))


def test_profiles_of_jpeg_are_converted(stated, colours, close):
    data, convert = stated
    samples = np.full((32, 32, 3), (180, 140, 90), np.uint8)
    plain = np.asarray(Image.open(__import__("io").BytesIO(colours.saved(samples, "JPEG", quality=100))))
    file = colours.saved(samples, "JPEG", quality=100, icc_profile=data)
    close(file, convert(plain / 255))


def test_palettes_are_converted_by_their_profile(stated, colours, close):
    data, convert = stated
    indexed = Image.fromarray(colours.eight(colours.picture())).quantize(40)
    plain = np.asarray(indexed.convert("RGB"))
    for container in ("PNG", "TIFF"):
        close(colours.saved(indexed, container, icc_profile=data), convert(plain / 255))


def test_opaque_alpha_does_not_lose_the_profile(stated, colours, close):
    data, convert = stated
    samples = colours.eight(colours.picture())
    opaque = np.dstack([samples, np.full(samples.shape[:2], 255, np.uint8)])
    for container in ("PNG", "TIFF", "WEBP"):
        file = colours.saved(opaque, container, icc_profile=data, **LOSSLESS[container])
        close(file, convert(samples / 255))


def test_sixteen_bits_are_converted_before_they_are_rounded(stated, colours, close):
    data, convert = stated
    samples = colours.sixteen(colours.picture())
    close(colours.png(samples, colours.iccp(data)), convert(samples / 65535), 1)
    path = __import__("io").BytesIO()
    tifffile.imwrite(path, samples, photometric="rgb", iccprofile=data)
    close(path.getvalue(), convert(samples / 65535), 1)


@pytest.mark.parametrize("exponent", [1.0, 1.8, 2.2])
@pytest.mark.parametrize("layout", ["L", "LA", "L 16", "LA 16", "TIFF", "TIFF 16", "JPEG"])
def test_grey_profiles_are_converted_with_and_without_alpha(layout, exponent, colours, close):
    data = colours.profile(None, exponent, space=b"GRAY")
    values = colours.picture()[..., 0]
    stored = round(exponent * 256) / 256
    samples = (colours.sixteen if "16" in layout else colours.eight)(values)
    full = np.full_like(samples, np.iinfo(samples.dtype).max)
    if layout == "JPEG":
        samples = np.full_like(samples, 120)
        file = colours.saved(samples, "JPEG", quality=100, icc_profile=data)
    elif "TIFF" in layout:
        buffer = __import__("io").BytesIO()
        tifffile.imwrite(buffer, samples, photometric="minisblack", iccprofile=data)
        file = buffer.getvalue()
    else:
        channels = np.dstack([samples, full]) if "A" in layout else samples
        file = colours.png(channels, colours.iccp(data))
    expected = colours.expected_grey(samples / int(full.flat[0]), colours.power(stored))
    close(file, expected)


def test_grey_with_the_profile_of_a_colour_picture_is_converted_as_equal_channels(stated, colours, close):
    data, convert = stated
    samples = colours.eight(colours.picture()[..., 1])
    equal = np.repeat(samples[..., None], 3, axis=2)
    close(colours.png(samples, colours.iccp(data)), convert(equal / 255))


def test_a_profile_for_other_samples_is_refused(colours, refused):
    grey = colours.profile(None, 1.0, space=b"GRAY")
    samples = colours.eight(colours.picture())
    assert refused(colours.png(samples, colours.iccp(grey)), "profile is for GRAY") == "decode"
    link = colours.profile(colours.ADOBE, 2.2, device=b"link")
    assert refused(colours.png(samples, colours.iccp(link)), "joins two devices") == "decode"


def test_profiles_of_ink_are_refused_for_rgb(colours, refused):
    ink = bytearray(colours.profile(colours.ADOBE, 2.2, space=b"CMYK", device=b"prtr"))
    assert refused(colours.saved(colours.eight(colours.picture()), "TIFF", icc_profile=bytes(ink)), "CMYK")


def test_srgb_by_content_is_left_alone(colours, decoded):
    samples = colours.eight(colours.picture())
    standard = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    renamed = standard.replace("sRGB".encode("utf-16-be"), "mine".encode("utf-16-be"))
    for data in (standard, renamed, b"garbage", b""):
        assert np.array_equal(decoded(colours.saved(samples, "PNG", icc_profile=data)), samples)


def exif_of(index, space=0xFFFF):
    exif = Image.Exif()
    folder = exif.get_ifd(0x8769)
    folder[0xA001] = space
    folder[0xA005] = {1: index}
    return exif.tobytes()


@pytest.mark.parametrize("container", ["JPEG", "WEBP", "PNG"])
def test_the_optional_colour_space_of_cameras_is_adobe_rgb(container, colours, close):
    samples = np.full((32, 32, 3), (90, 170, 80), np.uint8)
    options = {"quality": 100, "subsampling": 0} if container == "JPEG" else LOSSLESS[container]
    plain = np.asarray(Image.open(__import__("io").BytesIO(colours.saved(samples, container, **options))))
    file = colours.saved(samples, container, exif=exif_of("R03"), **options)
    close(file, colours.expected(plain / 255, colours.ADOBE, colours.power(563 / 256)))
    close(colours.saved(samples, container, exif=exif_of("R98", 1), **options), plain, 0)
    close(colours.saved(samples, container, exif=exif_of("R98"), **options), plain, 0)


def test_a_profile_wins_over_exif(stated, colours, close):
    data, convert = stated
    samples = colours.eight(colours.picture())
    close(colours.saved(samples, "PNG", icc_profile=data, exif=exif_of("R03")), convert(samples / 255))


def test_wide_gamut_without_a_profile_is_refused(colours, refused):
    samples = colours.eight(colours.picture())
    assert refused(colours.saved(samples, "PNG", exif=exif_of("", 0xFFFD)), "Wide Gamut") == "decode"


def test_ink_is_converted_by_its_profile_or_as_pillow_does(colours, close):
    samples = colours.eight(np.dstack([colours.picture() * 0.6, 0.2 * colours.picture()[..., 0]]))
    plain = np.asarray(Image.fromarray(samples, "CMYK").convert("RGB"))
    close(colours.saved(Image.fromarray(samples, "CMYK"), "TIFF"), plain, 0)
    deep = __import__("io").BytesIO()
    tifffile.imwrite(deep, samples.astype(np.uint16) * 257, photometric="separated")
    close(deep.getvalue(), plain, 0)


def bmp(samples, space, corners=((0, 0, 0),) * 3, gamma=0.0, data=b""):
    """A BMP file with the header of version 5."""
    height, width = samples.shape[:2]
    lines = b"".join(row[:, ::-1].tobytes() + bytes(-3 * width % 4) for row in samples[::-1])
    head = struct.pack("<IiiHHIIiiII", 124, width, height, 1, 24, 0, len(lines), 2835, 2835, 0, 0)
    head += bytes(16) + space + struct.pack("<9i", *(round(v * 2**30) for row in corners for v in row))
    head += struct.pack("<3I", *[round(gamma * 65536)] * 3) + struct.pack(
        "<IIII", 4, 124 + len(lines), len(data), 0
    )
    return (
        struct.pack("<2sIHHI", b"BM", 14 + len(head) + len(lines) + len(data), 0, 0, 138)
        + head
        + lines
        + data
    )


def test_bmp_states_its_colours_too(stated, colours, close, refused):
    data, convert = stated
    samples = colours.eight(colours.picture())
    close(bmp(samples, b"BGRs"), samples, 0)
    close(bmp(samples, b"\0\0\0\0"), samples, 0)
    close(bmp(samples, b"DEBM", data=data), convert(samples / 255))
    corners = colours.matrix(colours.ADOBE).T
    adobe = colours.expected(samples / 255, colours.ADOBE, colours.power(2.0))
    close(bmp(samples, b"\0\0\0\0", corners, 2.0), adobe)
    assert refused(bmp(samples, b"KNIL", data=b"c:\\a.icc\0"), "another file") == "decode"
