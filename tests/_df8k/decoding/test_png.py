"""PNG: colour by the specification's precedence, damage, limits."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image


def cicp(colours, primaries, transfer, matrix=0, full=1):
    return colours.chunk(b"cICP", bytes([primaries, transfer, matrix, full]))


@pytest.mark.parametrize("bits", ["eight", "sixteen"])
@pytest.mark.parametrize("gamma", [1.0, 1 / 1.8, 0.6, 1 / 2.6])
def test_gamma_is_applied_where_nothing_else_states_colour(bits, gamma, colours, close):
    gamma = round(gamma * 100_000) / 100_000
    values = colours.picture()
    samples = getattr(colours, bits)(values)
    stored = samples / np.iinfo(samples.dtype).max
    expected = colours.expected(stored, colours.SRGB, colours.power(1 / gamma))
    close(colours.png(samples, colours.gama(gamma)), expected, 1)
    grey = samples[..., 0]
    expected = colours.expected_grey(stored[..., 0], colours.power(1 / gamma))
    close(colours.png(grey, colours.gama(gamma)), expected, 1)


def test_the_gamma_that_stands_for_srgb_is_srgb(colours, close):
    samples = colours.eight(colours.picture())
    close(colours.png(samples, colours.gama(0.45455)), samples, 0)
    close(colours.png(samples, colours.gama(0.45455), colours.chrm(colours.SRGB)), samples, 0)


@pytest.mark.parametrize("primaries", ["ADOBE", "P3", "BT2020"])
@pytest.mark.parametrize("bits", ["eight", "sixteen"])
def test_chromaticities_are_converted(primaries, bits, colours, close):
    chosen = getattr(colours, primaries)
    samples = getattr(colours, bits)(colours.picture())
    stored = samples / np.iinfo(samples.dtype).max
    file = colours.png(samples, colours.gama(1 / 2.2), colours.chrm(chosen))
    close(file, colours.expected(stored, chosen, colours.power(100_000 / 45455)))
    close(colours.png(samples, colours.chrm(chosen)), colours.expected(stored, chosen, colours.srgb_decode))


@pytest.mark.parametrize(
    ("transfer", "decode"),
    [(13, "srgb_decode"), (1, "bt709_decode"), (8, 1.0), (4, 2.2), (5, 2.8)],
)
@pytest.mark.parametrize(("code", "primaries"), [(1, "SRGB"), (12, "P3"), (9, "BT2020")])
def test_coded_colours_are_converted_and_win(code, primaries, transfer, decode, colours, close):
    chosen = getattr(colours, primaries)
    curve = colours.power(decode) if isinstance(decode, float) else getattr(colours, decode)
    samples = colours.sixteen(colours.picture())
    losers = (
        colours.iccp(colours.profile(colours.ADOBE, 1.0)),
        colours.chunk(b"sRGB", b"\0"),
        colours.gama(1),
    )
    file = colours.png(samples, cicp(colours, code, transfer), *losers)
    close(file, colours.expected(samples / 65535, chosen, curve))


@pytest.mark.parametrize(("transfer", "curve"), [(16, "PQ"), (18, "HLG")])
def test_high_dynamic_range_is_refused_by_name(transfer, curve, colours, refused):
    file = colours.png(colours.sixteen(colours.picture()), cicp(colours, 9, transfer))
    assert refused(file, "high dynamic range", curve) == "decode"


def test_video_range_and_unknown_codes_are_refused(colours, refused):
    samples = colours.eight(colours.picture())
    for codes in ((1, 13, 0, 0), (9, 14, 9, 1), (22, 13, 0, 1), (1, 17, 0, 1)):
        assert refused(colours.png(samples, cicp(colours, *codes))) == "decode"


def test_the_order_of_the_colour_chunks(colours, close):
    samples = colours.eight(colours.picture())
    data = colours.profile(colours.P3, 1.0)
    profiled = colours.expected(samples / 255, colours.P3, colours.power(1.0))
    close(
        colours.png(samples, colours.gama(0.7), colours.chunk(b"sRGB", b"\0"), colours.iccp(data)), profiled
    )
    close(colours.png(samples, colours.gama(1.0), colours.chunk(b"sRGB", b"\0")), samples, 0)
    close(colours.png(samples, colours.chrm(colours.ADOBE), colours.chunk(b"sRGB", b"\1")), samples, 0)


def test_half_the_rows_are_damage_at_every_depth(colours, refused):
    values = colours.picture()
    for samples in (colours.eight(values), colours.sixteen(values), colours.eight(values)[..., 0]):
        assert refused(colours.png(samples, rows=20), "damaged") == "decode"
    opaque = np.dstack([colours.eight(values), np.full((40, 56), 255, np.uint8)])
    assert refused(colours.png(opaque, rows=39), "damaged") in {"decode", "alpha"}
    indexed = colours.png(colours.eight(values)[..., 0] % 4, form=3, palette=bytes(12), rows=30)
    assert refused(indexed, "before the last row") == "decode"


def test_a_black_last_row_is_no_damage(colours, close):
    samples = colours.eight(colours.picture())
    samples[-5:] = 0
    close(colours.png(samples), samples, 0)


def test_interlaced_pictures_are_read_and_cut_ones_refused(colours, close, refused):
    samples = colours.eight(colours.picture())
    passes = [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ]
    lines = [b"\0" + row.tobytes() for x, y, across, down in passes for row in samples[y::down, x::across]]
    header = struct.pack(">IIBBBBB", 56, 40, 8, 2, 0, 0, 1)

    def file(count):
        data = zlib.compress(b"".join(lines[:count]))
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            colours.chunk(name, content)
            for name, content in ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
        )

    close(file(None), samples, 0)
    assert refused(file(len(lines) - 10), "damaged") == "decode"


def test_text_profiles_and_checksums_of_remarks_do_not_matter(colours, close):
    samples = colours.eight(colours.picture())
    text = colours.chunk(b"zTXt", b"prompt\0\0" + zlib.compress(b"workflow " * 500_000))
    long = colours.chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(bytes(70_000_000)))
    plain = colours.chunk(b"tEXt", b"Comment\0" + b"x" * 3_000_000)
    close(colours.png(samples, text, long, plain, tail=text), samples, 0)
    for name, content in ((b"tEXt", b"a\0b"), (b"pHYs", bytes(9)), (b"tIME", bytes(7)), (b"eXIf", b"MM\0*")):
        close(colours.png(samples, colours.chunk(name, content, wrong=True)), samples, 0)


def test_big_profiles_are_used(colours, close):
    data = colours.profile(colours.ADOBE, 1.0)
    grown = data + np.random.Generator(np.random.Philox(1)).bytes(3_000_000)
    grown = struct.pack(">I", len(grown)) + grown[4:]
    samples = colours.eight(colours.picture())
    close(
        colours.png(samples, colours.iccp(grown)),
        colours.expected(samples / 255, colours.ADOBE, colours.power(1.0)),
    )


def test_wrong_checksums_of_pixels_and_colours_are_damage(colours, refused):
    samples = colours.eight(colours.picture())
    whole = colours.png(samples)
    at = whole.index(b"IDAT") + 40
    assert refused(whole[:at] + bytes([whole[at] ^ 16]) + whole[at + 1 :], "IDAT") == "decode"
    gamma = colours.chunk(b"gAMA", struct.pack(">I", 100_000), wrong=True)
    assert refused(colours.png(samples, gamma), "gAMA") == "decode"


@pytest.mark.parametrize("cut", [30, 60, -1, -12, -20])
def test_truncated_files_are_damage(cut, colours, refused):
    assert refused(colours.png(colours.eight(colours.picture()))[:cut], "damaged") == "decode"


def test_a_transparent_colour_that_occurs_is_transparency(colours, refused, close):
    values = colours.picture()
    deep, flat = colours.sixteen(values), colours.eight(values)
    for samples in (deep[..., 0], deep, flat[..., 0], flat):
        first = np.atleast_1d(samples[3, 4]).astype(">u2").tobytes()
        assert refused(colours.png(samples, key=first), "transparent") == "alpha"
        absent = np.full(1 if samples.ndim == 2 else 3, 1, ">u2").tobytes()
        close(colours.png(samples, key=absent), decoded_plain(samples), 0)


def decoded_plain(samples):
    eight = samples if samples.dtype == np.uint8 else np.rint(samples.astype(float) * 255 / 65535)
    return np.repeat(eight[..., None], 3, axis=2) if samples.ndim == 2 else eight


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_few_bits_are_scaled(bits, colours, close):
    levels = 2**bits
    values = np.arange(64 * 16).reshape(16, 64) % levels
    packed = np.packbits(
        ((values[..., None] >> np.arange(bits)[::-1]) & 1).reshape(16, -1).astype(np.uint8), axis=1
    )
    header = struct.pack(">IIBBBBB", 64, 16, bits, 0, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in packed))
    file = (
        b"\x89PNG\r\n\x1a\n"
        + colours.chunk(b"IHDR", header)
        + colours.chunk(b"IDAT", data)
        + colours.chunk(b"IEND")
    )
    close(file, np.repeat((values * 255 // (levels - 1))[..., None], 3, axis=2), 0)


def test_limits_are_what_they_say(colours, refused, decoded):
    """200 megapixels are read without a warning, 257 are refused by their header."""
    lines = zlib.compress(bytes(16_384 * 12_208 // 8 + 12_208))
    header = struct.pack(">IIBBBBB", 16_384, 12_208, 1, 0, 0, 0, 0)
    file = (
        b"\x89PNG\r\n\x1a\n"
        + colours.chunk(b"IHDR", header)
        + colours.chunk(b"IDAT", lines)
        + colours.chunk(b"IEND")
    )
    from _df8k.decoding import read_raster

    assert read_raster(file).samples.shape == (12_208, 16_384)
    large = struct.pack(">IIBBBBB", 16_384, 15_700, 8, 2, 0, 0, 0)
    assert refused(b"\x89PNG\r\n\x1a\n" + colours.chunk(b"IHDR", large) + file[33:], "256000000") == "decode"


def test_animations_show_their_plain_picture(colours, close):
    samples = colours.eight(colours.picture())
    frames = [Image.fromarray(samples), Image.fromarray(255 - samples)]
    file = colours.saved(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=50)
    close(file, samples, 0)
