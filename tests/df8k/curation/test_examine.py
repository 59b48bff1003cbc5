"""Examining one file: what it costs in memory, and what stands in its record."""

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest
from PIL import Image

from df8k.checks import complete
from df8k.curation.examine import Examination, Record, examine
from df8k.identity import pixel_sha256
from df8k.images import decode
from df8k.scenes import render

WIDTH, HEIGHT = 6000, 4000

CODE = """
import re, sys
from pathlib import Path
import df8k.curation.examine as examine
from df8k.checks import complete
from df8k.images import decode
from df8k.pool import one_thread

def peak():
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

def stored(path, name):
    checks = complete({"person": {"detector": "hog+faces"}})
    task = examine.Examination(path=path, source_sha256=name * 64, checks=checks, keep=frozenset({name * 64}),
                               records=out, images=out, thumbnails=out)
    assert examine.examine(task).file_sha256

small, path, out = map(Path, sys.argv[1:])
with one_thread():
    stored(small, "0")  # imports what is imported late
    Path("/proc/self/clear_refs").write_text("5")  # peaks so far do not count, the starting process's neither
    before = peak()
    pixels = decode(path.read_bytes())
    count = pixels.size / 3
    print((peak() - before) / count)
    del pixels
    stored(path, "1")
    print((peak() - before) / count)
"""


@pytest.mark.parametrize("turned", [False, True])
def test_one_worker_holds_two_decoded_images_at_most(tmp_path, turned):
    """Bytes per pixel at the peak: 3, or twice 3 while turned; then twice 3, and the encoded file."""
    coarse = np.random.Generator(np.random.Philox(1)).integers(
        0, 256, (HEIGHT // 20, WIDTH // 20, 3), np.uint8
    )
    photo = Image.fromarray(cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC))
    exif = Image.Exif()
    exif[0x0112] = 6 if turned else 1
    photo.save(tmp_path / "photo.jpg", quality=85, exif=exif)
    photo.crop((0, 0, 1500, 1500)).save(tmp_path / "small.jpg")
    command = [
        sys.executable,
        "-c",
        CODE,
        str(tmp_path / "small.jpg"),
        str(tmp_path / "photo.jpg"),
        str(tmp_path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    decoding, whole = map(float, done.stdout.split())
    assert (5.9 if turned else 2.9) < decoding < (7 if turned else 4)
    assert whole < 11


def test_the_record_and_the_stored_pixels_agree(tmp_path):
    pixels = render("fence", 200, 150, "1")
    path = tmp_path / "photo.png"
    Image.fromarray(pixels).save(path)
    off = {name: {"off": True} for name in complete({})}
    task = Examination(
        path=path,
        source_sha256="1" * 64,
        checks=complete(off | {"resolution": {"min_side": 64}}),
        keep=frozenset(),
        records=tmp_path,
        images=tmp_path / "images",
        thumbnails=None,
    )
    record = examine(task)
    assert record.pixel_sha256 == pixel_sha256(pixels)
    stored = (tmp_path / "images" / f"{record.id}.png").read_bytes()
    assert np.array_equal(decode(stored), pixels)
    assert Record(**json.loads((tmp_path / f"{'1' * 64}.json").read_text())) == record
    assert examine(task) == record
