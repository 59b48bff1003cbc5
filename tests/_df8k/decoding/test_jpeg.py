"""JPEG: damage that libjpeg warns of, scans that never came, and oddities of sound files."""

import io
import re

import cv2
import numpy as np
import pytest
from PIL import Image

from df8k.scenes import render


@pytest.fixture(scope="module")
def scene():
    return render("foliage", 320, 240, "jpeg")


def jpeg(scene, *, progressive=False, restart=0, quality=90):
    flags = (cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_PROGRESSIVE, int(progressive))
    return cv2.imencode(".jpg", scene, (*flags, cv2.IMWRITE_JPEG_RST_INTERVAL, restart))[1].tobytes()


def scan(data):
    """Where the first scan's data begin."""
    at = data.index(b"\xff\xda")
    return at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("kept", [0.2, 0.5, 0.8, 0.95])
def test_half_a_download_with_an_end_marker_is_damage(scene, kept, progressive, refused):
    data = jpeg(scene, progressive=progressive)
    cut = data[: scan(data) + int(kept * (len(data) - scan(data)))]
    assert refused(cut + b"\xff\xd9", "damaged") == "decode"
    assert refused(cut, "damaged") == "decode"


@pytest.mark.parametrize("length", [512, 2048, 4096])
@pytest.mark.parametrize("progressive", [False, True])
def test_holes_of_zeros_are_damage(scene, length, progressive, refused):
    data = jpeg(scene, progressive=progressive)
    middle = (scan(data) + len(data)) // 2
    assert refused(data[:middle] + bytes(length) + data[middle + length :], "damaged") == "decode"
    tail = data[: len(data) - length]
    assert refused(tail + bytes(length), "damaged") == "decode"
    assert refused(tail + bytes(length - 2) + b"\xff\xd9", "damaged") == "decode"


@pytest.mark.parametrize("restart", [0, 1, 4])
def test_lost_bytes_are_damage(scene, restart, refused):
    data = jpeg(scene, restart=restart)
    middle = (scan(data) + len(data)) // 2
    assert refused(data[:middle] + data[middle + 512 :], "damaged") == "decode"


def test_lost_restart_intervals_are_damage(scene, refused):
    data = jpeg(scene, restart=2)
    marks = [match.start() for match in re.finditer(rb"\xff[\xd0-\xd7]", data)]
    assert refused(data[: marks[10]] + data[marks[14] :], "damaged") == "decode"
    assert refused(data[: marks[10]] + data[marks[18] :], "damaged") == "decode"


@pytest.mark.parametrize("scans", [1, 3, 6, -1])
def test_first_scans_of_a_progressive_file_are_damage(scene, scans, refused, decoded):
    data = jpeg(scene, progressive=True)
    starts = [match.start() for match in re.finditer(rb"\xff\xda", data)]
    before = starts[scans]
    table = data.rfind(b"\xff\xc4", 0, before)  # tables of the next scan may come before it
    end = table if table > starts[scans - 1] else before
    assert refused(data[:end] + b"\xff\xd9", "last scans are missing") == "decode"
    assert decoded(data).shape == scene.shape


@pytest.mark.parametrize("progressive", [False, True])
def test_sound_files_come_out_as_from_another_decoder(scene, progressive, close):
    data = jpeg(scene, progressive=progressive)
    close(data, cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB), 0)
    close(data + b"\0\0\0\x18ftypmp42" + bytes(5000), np.asarray(Image.open(io.BytesIO(data))), 0)


def test_harmless_warnings_are_no_damage(scene, close, refused):
    """Some cameras write scan parameters, a version or a transform that libjpeg passes over with a remark."""
    data = jpeg(scene)
    plain = np.asarray(Image.open(io.BytesIO(data)))
    at = scan(data)
    odd = data[: at - 3] + b"\x00\x00\x00" + data[at:]
    close(odd, plain, 0)
    jfif = data.index(b"JFIF\0") + 5
    close(data[:jfif] + b"\x07" + data[jfif + 1 :], plain, 0)
    broken = odd[: len(odd) // 2] + odd[len(odd) // 2 + 512 :]
    assert refused(broken, "damaged") == "decode"


def test_ink_and_grey(scene, close, refused):
    grey = Image.fromarray(scene).convert("L")
    buffer = io.BytesIO()
    grey.save(buffer, "JPEG", quality=95)
    close(buffer.getvalue(), np.asarray(Image.open(io.BytesIO(buffer.getvalue())).convert("RGB")), 0)
    buffer = io.BytesIO()
    Image.fromarray(scene).convert("CMYK").save(buffer, "JPEG", quality=95)
    data = buffer.getvalue()
    close(data, np.asarray(Image.open(io.BytesIO(data)).convert("RGB")), 0)
    middle = (scan(data) + len(data)) // 2
    assert refused(data[:middle] + data[middle + 600 :], "damaged") == "decode"


def test_a_header_that_promises_too_many_pixels_is_refused(scene, refused):
    data = bytearray(jpeg(scene))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = b"\xff\xff\xff\xff"
    assert refused(bytes(data), "256000000") == "decode"


def test_every_usual_subsampling_is_read_and_others_are_named(scene, close, refused):
    for name in ("411", "420", "422", "440", "444"):
        factor = getattr(cv2, f"IMWRITE_JPEG_SAMPLING_FACTOR_{name}")
        data = cv2.imencode(".jpg", scene, (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor))[1].tobytes()
        close(data, np.asarray(Image.open(io.BytesIO(data))), 0)
    odd = bytearray(data)
    at = odd.index(b"\xff\xc0")
    odd[at + 11], odd[at + 14], odd[at + 17] = 0x21, 0x11, 0x21
    assert refused(bytes(odd), "unusual chroma subsampling") == "decode"
