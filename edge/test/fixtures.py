"""Write ``stages.json.gz``: stages of `rethined,coherence=off` on procedural scenes, by Python.

Run it after a change of the stages: ``python -P edge/test/fixtures.py``. The coarse result is drawn here,
since the stages outside the graph are held to Python without it.
"""

import base64
import gzip
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from _df8k.files import write_bytes
from df8k import masks
from df8k.baselines.patchmatch.enlargement import paint
from df8k.baselines.rethined.matching.nearest import cell_shifts, copied_cells
from df8k.baselines.rethined.tokens import hole_tokens, reduce, valid_tokens
from df8k.baselines.rethined.upscaling import paint_enlarged
from df8k.scenes import render

OUT = Path(__file__).with_name("stages.json.gz")
# Scales of 1, 3 and 4, sides that no cell divides, and a hole that leaves no source.
CASES = (
    (61, 50, 64, "band-10-30"),
    (162, 111, 64, "band-30-50"),
    (252, 150, 64, "scratch"),
    (90, 70, 64, ""),
)


def _packed(array: npt.NDArray[np.generic]) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def _case(width: int, height: int, resolution: int, preset: str) -> dict[str, object]:
    image = render("facade", width, height, "edge fixtures")
    mask = np.zeros((height, width), np.bool_)
    mask[3:, 3:] = True
    if preset:
        mask = masks.synthesize(aspect=(width, height), preset=preset, key="edge").rasterize(width, height)
    working = reduce(image, mask, resolution)
    holes, valid = hole_tokens(working), valid_tokens(working)
    random = np.random.default_rng(width)
    low = random.integers(256, size=(*working.hole.shape, 3)).astype(np.float32) / np.float32(255)
    filled = image.copy()
    sources = np.zeros(0, np.int64)
    cells = np.zeros((*working.cells.hole.shape, 3), np.uint8)
    if valid.size:
        sources = random.choice(valid, holes.size)
        shifts = cell_shifts(working, holes, sources)
        cells = copied_cells(working, low, shifts)
        paint(filled, mask, working.cells, cells, shifts)
    else:
        paint_enlarged(filled, mask, working, 255 * low)
    arrays = {
        "image": image,
        "mask": mask,
        "hole": working.cells.hole,
        "usable": working.cells.usable,
        "network_image": working.image.transpose(2, 0, 1),
        "network_mask": working.unknown.astype(np.float32),
        "holes": holes.astype(np.int32),
        "valid": valid.astype(np.int32),
        "sources": sources.astype(np.int32),
        "low": low.transpose(2, 0, 1),
        "cells": cells,
        "filled": filled,
    }
    packed = {name: _packed(array) for name, array in arrays.items()}
    return {"width": width, "height": height, "resolution": resolution} | packed


def fixtures() -> bytes:
    """Draw every case."""
    text = json.dumps([_case(*case) for case in CASES], separators=(",", ":"))
    return gzip.compress(text.encode(), mtime=0)


if __name__ == "__main__":
    write_bytes(OUT, fixtures())
