"""TIFF: photometric interpretations, depths, planes, extra channels, pages; written by tifffile."""

import io
import subprocess
import sys

import numpy as np
import pytest
import tifffile
from PIL import Image

from _df8k.decoding import extras


@pytest.fixture
def write(colours):
    def write(samples, **options):
        buffer = io.BytesIO()
        tifffile.imwrite(buffer, samples, **options)
        return buffer.getvalue()

    return write


CODECS = [None, "zlib", "lzw", "packbits", "zstd"]


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("planes", ["contig", "separate"])
@pytest.mark.parametrize("bits", ["eight", "sixteen"])
def test_planes_depths_and_codecs(codec, planes, bits, colours, write, close):
    values = colours.picture()
    samples = getattr(colours, bits)(values)
    stored = samples if planes == "contig" else np.moveaxis(samples, -1, 0)
    file = write(stored, photometric="rgb", planarconfig=planes, compression=codec)
    close(file, np.rint(values * 255), 1)
    predicted = write(stored, photometric="rgb", planarconfig=planes, compression="lzw", predictor=True)
    close(predicted, np.rint(values * 255), 1)


@pytest.mark.parametrize("tile", [None, (16, 32)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32])
@pytest.mark.parametrize("form", ["miniswhite", "minisblack"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_grey_is_a_positive_at_every_depth(form, dtype, tile, order, colours, write, close):
    values = colours.picture()[..., 0]
    highest = np.iinfo(dtype).max
    samples = np.rint(values * highest).astype(dtype)
    stored = highest - samples if form == "miniswhite" else samples
    file = write(
        stored.astype(stored.dtype.newbyteorder(order)), photometric=form, tile=tile, byteorder=order
    )
    close(file, np.repeat(np.rint(values * 255)[..., None], 3, axis=2), 1)


@pytest.mark.parametrize("form", ["miniswhite", "minisblack"])
def test_two_levels(form, colours, write, close):
    values = colours.picture()[..., 0] > 0.5
    file = write(values ^ (form == "miniswhite"), photometric=form)
    close(file, np.repeat(values[..., None] * 255, 3, axis=2), 0)


@pytest.mark.parametrize(
    "dtype", [np.float32, np.float64, np.float16, np.int16, np.int8, np.int32, np.uint64]
)
@pytest.mark.parametrize("channels", [1, 3])
def test_samples_without_a_stated_white_are_refused(dtype, channels, colours, write, refused):
    values = colours.picture()[..., :channels]
    samples = (values * 100).astype(dtype)
    form = "rgb" if channels == 3 else "minisblack"
    assert refused(write(samples.squeeze(), photometric=form), "TIFF of") == "decode"


@pytest.mark.parametrize("bits", ["eight", "sixteen"])
@pytest.mark.parametrize("count", [1, 2])
def test_unspecified_channels_are_no_opacity(bits, count, colours, write, close):
    values = colours.picture()
    extra = np.repeat(values[..., :1], count, axis=2) * 0.5
    samples = getattr(colours, bits)(np.dstack([values, extra]))
    file = write(samples, photometric="rgb", extrasamples=["unspecified"] * count)
    close(file, np.rint(values * 255), 1)
    grey = getattr(colours, bits)(np.dstack([values[..., 0], values[..., 1]]))
    file = write(grey, photometric="minisblack", planarconfig="contig", extrasamples=["unspecified"])
    close(file, np.repeat(np.rint(values[..., :1] * 255), 3, axis=2), 1)


@pytest.mark.parametrize("bits", ["eight", "sixteen"])
@pytest.mark.parametrize("kind", ["assocalpha", "unassalpha"])
def test_alpha_is_refused_unless_it_is_opaque(bits, kind, colours, write, close, refused):
    values = colours.picture()
    opaque = getattr(colours, bits)(np.dstack([values, np.ones(values.shape[:2])]))
    close(write(opaque, photometric="rgb", extrasamples=[kind]), np.rint(values * 255), 1)
    opaque[3, 3, 3] -= 1
    if bits == "eight" or kind:
        assert refused(write(opaque, photometric="rgb", extrasamples=[kind]), "transparent") == "alpha"


def lab_of(colours, values):
    """L*a*b* relative to D50 of sRGB values, by CIE's formulas."""
    to_d50 = colours.adapt(colours.xyz_of(colours.D65), colours.D50) @ colours.matrix(colours.SRGB)
    ratio = colours.srgb_decode(values) @ to_d50.T / colours.D50
    x, y, z = np.moveaxis(
        np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio * (841 / 108) + 4 / 29), -1, 0
    )
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("form", ["cielab", "icclab"])
def test_lab_is_converted(bits, form, colours, write, close):
    values = colours.picture()
    lab = lab_of(colours, values)
    unsigned = np.uint8 if bits == 8 else np.uint16
    scale = 1 if bits == 8 else 256
    lightness = np.rint(lab[..., :1] / 100 * np.iinfo(unsigned).max).astype(unsigned)
    shift = 0 if form == "cielab" else 128
    opponents = np.rint((lab[..., 1:] + shift) * scale).astype(np.int32).astype(unsigned)
    file = write(np.concatenate([lightness, opponents], axis=2), photometric=form)
    close(file, np.rint(values * 255), 3 if bits == 8 else 1)


def test_ink_and_its_extra_channels(colours, write, close, refused):
    ink = colours.eight(np.dstack([colours.picture() * 0.5, 0.1 * colours.picture()[..., 0]]))
    plain = np.asarray(Image.fromarray(ink, "CMYK").convert("RGB"))
    close(write(ink, photometric="separated"), plain, 0)
    spot = np.dstack([ink, ink[..., 0]])
    close(write(spot, photometric="separated", extrasamples=["unspecified"]), plain, 0)


def test_the_page_that_is_no_reduction_is_the_picture(colours, close, refused):
    samples = colours.eight(colours.picture())
    small = np.ascontiguousarray(samples[::4, ::4])
    for flag in (1, 0):  # with and without a writer's word that it is one
        buffer = io.BytesIO()
        with tifffile.TiffWriter(buffer) as file:
            file.write(small, photometric="rgb", subfiletype=flag)
            file.write(samples, photometric="rgb")
        close(buffer.getvalue(), samples, 0)
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as file:
        file.write(small, photometric="rgb", subifds=1, subfiletype=1)
        file.write(samples, photometric="rgb", subfiletype=0)
    close(buffer.getvalue(), samples, 0)
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer, bigtiff=True) as file:
        file.write(samples, photometric="rgb", subifds=1)
        file.write(small, photometric="rgb", subfiletype=1)
    close(buffer.getvalue(), samples, 0)


def test_several_pictures_are_refused(colours, refused):
    samples = colours.eight(colours.picture())
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as file:
        file.write(samples, photometric="rgb")
        file.write(255 - samples, photometric="rgb")
    assert refused(buffer.getvalue(), "2 pictures") == "decode"


def test_a_sensor_s_word_goes_to_the_converter_of_camera_raw(colours, write, refused, monkeypatch):
    monkeypatch.setattr(extras.importlib.util, "find_spec", lambda _name: None)
    samples = colours.sixteen(colours.picture()[..., 0])
    assert refused(write(samples, photometric=32803), "df8k[raw]") == "decode"


def test_colorimetry_beside_a_profile_is_refused_unless_it_is_srgb(colours, write, refused, close):
    samples = colours.eight(colours.picture())

    def tags(primaries):
        points = [round(v * 1_000_000) for point in primaries[:3] for v in point]
        pairs = [number for v in points for number in (v, 1_000_000)]
        white = [number for v in primaries[3] for number in (round(v * 1_000_000), 1_000_000)]
        return [(318, 5, 2, tuple(white), True), (319, 5, 6, tuple(pairs), True)]

    close(write(samples, photometric="rgb", extratags=tags(colours.SRGB)), samples, 0)
    assert refused(write(samples, photometric="rgb", extratags=tags(colours.ADOBE)), "primaries") == "decode"


@pytest.mark.parametrize("codec", [None, "zlib", "lzw"])
@pytest.mark.parametrize("bits", ["eight", "sixteen"])
def test_truncated_files_and_holes_are_damage(codec, bits, colours, write, refused):
    noise = np.random.Generator(np.random.Philox(1)).integers(0, 256, (96, 96, 3)).astype(np.uint8)
    samples = noise if bits == "eight" else noise.astype(np.uint16) * 257
    file = write(samples, photometric="rgb", compression=codec)
    assert refused(file[: len(file) // 2], "damaged") == "decode"
    if codec:
        hole = file[:8000] + bytes(6000) + file[14000:]
        assert refused(hole, "damaged") == "decode"


def test_nothing_is_printed(colours, write, refused, capfd, recwarn):
    file = write(colours.eight(colours.picture()), photometric="rgb", compression="zlib")
    refused(file[: len(file) - 300])
    refused(b"II*\0" + bytes(64), "damaged")
    refused(file[:200])
    assert capfd.readouterr() == ("", "")
    assert not recwarn.list


WITHOUT_CODECS = """
import sys
sys.modules["imagecodecs"] = None
import numpy as np
from _df8k.decoding import Rejected, read_raster
for name in sys.argv[1:]:
    try:
        print(int(read_raster(open(name, "rb").read()).samples.astype(np.int64).sum()))
    except Rejected as rejected:
        print(rejected.detail)
"""


def test_the_basic_installation_reads_right_or_says_what_to_install(colours, write, tmp_path):
    samples = colours.sixteen(colours.picture())
    planes, separate = np.moveaxis(samples, -1, 0), {"photometric": "rgb", "planarconfig": "separate"}
    files = {
        "plain": write(samples, photometric="rgb"),
        "deflate": write(planes, **separate, compression="zlib"),
        "lzw": write(samples, photometric="rgb", compression="lzw", predictor=True),
        "planes": write(planes, **separate, compression="lzw"),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    command = [sys.executable, "-c", WITHOUT_CODECS, *(str(tmp_path / name) for name in files)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    *sums, last = done.stdout.splitlines()
    assert sums == [str(int(samples.astype(np.int64).sum()))] * 3
    assert "df8k[tiff]" in last
