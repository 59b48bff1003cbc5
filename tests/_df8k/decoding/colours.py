"""Colour arithmetic from the definitions, and writers of files: nothing here asks the code under test."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

D65 = (0.3127, 0.3290)
SRGB = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), D65)
ADOBE = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), D65)
P3 = ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), D65)
BT2020 = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), D65)
D50 = np.array([0.9642, 1.0, 0.8249])
CONES = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def picture(height=40, width=56):
    """A smooth picture in [0, 1], ``(H, W, 3)``, from nearly black to nearly white."""
    y, x = np.mgrid[0:height, 0:width] / np.array([height, width]).reshape(2, 1, 1)
    light = 0.04 + 0.9 * x
    tint = 0.12 * np.stack([np.sin(5 * y), np.cos(3 * y + 1), np.sin(4 * y + 2)], axis=-1)
    return np.clip(light[..., None] * (0.85 + tint), 0, 1)


def srgb_encode(light):
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def srgb_decode(value):
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def bt709_decode(value):
    return np.where(value < 0.081, value / 4.5, ((value + 0.099) / 1.099) ** (1 / 0.45))


def xyz_of(point):
    return np.array([point[0] / point[1], 1, (1 - point[0] - point[1]) / point[1]])


def matrix(primaries):
    """From light to XYZ, by solving for the white."""
    columns = np.stack([xyz_of(point) for point in primaries[:3]], axis=1)
    return columns * np.linalg.solve(columns, xyz_of(primaries[3]))


def adapt(source, target):
    """Bradford's adaptation of one white to another."""
    gain = (CONES @ target) / (CONES @ source)
    return np.linalg.inv(CONES) @ (gain[:, None] * CONES)


def expected(values, primaries, decode):
    """8-bit sRGB of samples in [0, 1]."""
    light = decode(values)
    xyz = light @ (adapt(xyz_of(primaries[3]), xyz_of(D65)) @ matrix(primaries)).T
    return np.rint(srgb_encode(xyz @ np.linalg.inv(matrix(SRGB)).T) * 255).astype(int)


def power(exponent):
    return lambda values: values**exponent


def expected_grey(values, decode):
    return np.repeat(np.rint(srgb_encode(decode(values)) * 255).astype(int)[..., None], 3, axis=2)


def profile(primaries, exponent, *, name="a profile", space=b"RGB ", device=b"mntr"):
    """An ICC profile of version 2 with one exponent for every channel; grey where there are no primaries."""
    text = name.encode("ascii") + b"\0"
    description = b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78)

    def point(values):
        return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))

    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(exponent * 256))
    tags = {b"desc": description, b"wtpt": point(D50)}
    if primaries:
        columns = (adapt(xyz_of(primaries[3]), D50) @ matrix(primaries)).T
        tags |= dict(zip([b"rXYZ", b"gXYZ", b"bXYZ"], map(point, columns), strict=True))
        tags |= dict.fromkeys([b"rTRC", b"gTRC", b"bTRC"], curve)
    else:
        tags[b"kTRC"] = curve
    table, content = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for tag, data in tags.items():
        table += tag + struct.pack(">II", start + len(content), len(data))
        content += data + bytes(-len(data) % 4)
    body = struct.pack(">I", len(tags)) + table + content
    head = struct.pack(">I", 128 + len(body)) + b"none" + bytes([2, 0x40, 0, 0]) + device + space + b"XYZ "
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", *(round(v * 65536) for v in D50))
    return head + bytes(128 - len(head)) + body


def chunk(name, content=b"", *, wrong=False):
    checksum = zlib.crc32(name + content) ^ wrong
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def png(samples, *chunks, form=None, key=b"", palette=b"", rows=None, tail=b""):
    """A PNG file of uint8 or uint16 samples, with further chunks before and behind the data."""
    samples = np.asarray(samples)
    channels = 1 if samples.ndim == 2 else samples.shape[2]
    form = {1: 0, 2: 4, 3: 2, 4: 6}[channels] if form is None else form
    height, width = samples.shape[:2]
    stored = samples.astype(">u2") if samples.dtype == np.uint16 else samples
    lines = b"".join(b"\0" + line.tobytes() for line in stored[:rows])
    header = struct.pack(">IIBBBBB", width, height, 8 * samples.dtype.itemsize, form, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *chunks]
    parts += [chunk(b"PLTE", palette)] if palette else []
    parts += [chunk(b"tRNS", key)] if key else []
    return (
        b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IDAT", zlib.compress(lines)) + tail + chunk(b"IEND")
    )


def iccp(data):
    return chunk(b"iCCP", b"name\0\0" + zlib.compress(data))


def chrm(primaries):
    red, green, blue, white = primaries
    return chunk(b"cHRM", struct.pack(">8I", *(round(v * 100_000) for v in (*white, *red, *green, *blue))))


def gama(value):
    return chunk(b"gAMA", struct.pack(">I", round(value * 100_000)))


def saved(samples, form, **options):
    """A file that Pillow writes."""
    buffer = io.BytesIO()
    image = samples if isinstance(samples, Image.Image) else Image.fromarray(samples)
    image.save(buffer, form, **options)
    return buffer.getvalue()


def eight(values):
    return np.rint(values * 255).astype(np.uint8)


def sixteen(values):
    return np.rint(values * 65535).astype(np.uint16)
