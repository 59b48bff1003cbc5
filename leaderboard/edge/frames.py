"""Masks of the frames that the page measures itself on, and a sample of what Python fills into each.

``make edge`` computes them, and they ship with the page; the sample depends on the weights.
"""

import base64
import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from _df8k.files import write_bytes, write_text
from df8k.baselines.base import Mask
from df8k.leaderboard.latency.inputs import hole_pixels
from df8k.leaderboard.latency.plan import COARSE_STEP, PROTOCOL_VERSION, TIERS
from df8k.leaderboard.latency.results import SCHEMA_VERSION
from df8k.leaderboard.protocol.sizes import LADDER, Size, extent

from .reference import AGREEING, SPEC, Answers, Reference
from .scenes import FOLDER, MATERIAL, SIDES

FRAMES: Final = "frames.json"
# Pixels of the hole whose values are known to the page, evenly over it.
_SAMPLE: Final = 8192


def write_frames(folder: Path) -> None:
    """Write masks and `FRAMES`: how often, which frames, what Python makes of them, by which method."""
    (folder / FOLDER).mkdir(exist_ok=True)
    reference = Reference()
    content = {
        "schema_version": SCHEMA_VERSION,
        "protocol_version": PROTOCOL_VERSION,
        "plans": [asdict(plan) for plan in TIERS.values()],
        "coarse": COARSE_STEP,
        "agreeing": AGREEING,
        "material": MATERIAL.name,
        "fingerprint": MATERIAL.fingerprint,
        "method": {**asdict(reference.card), "spec": SPEC},
        "frames": [_frame(size, reference, folder) for size in LADDER],
    }
    write_text(folder / FRAMES, json.dumps(content, separators=(",", ":")) + "\n")


def _frame(size: Size, reference: Reference, folder: Path) -> dict[str, Any]:
    (picture,) = MATERIAL.pictures(size)
    image, mask = picture.task.method_input()
    write_bytes(folder / FOLDER / f"{size}.mask.gz", packed(mask))
    width, height = extent(size) or (0, 0)
    side = min(width, height, SIDES[-1])
    return {
        "size": size,
        "width": width,
        "height": height,
        "scene": side,
        "name": picture.name,
        "hole_pixels": hole_pixels([picture])[0],
        "scene_sha256": hashlib.sha256(picture.task.target[:side, :side].tobytes()).hexdigest(),
        "mask_sha256": hashlib.sha256(mask.tobytes()).hexdigest(),
        **sample(reference(image, mask), mask),
    }


def packed(mask: Mask) -> bytes:
    """Pack a mask as gzip of the lengths of its runs, known first, each in groups of seven bits."""
    flat = mask.ravel()
    ends = np.flatnonzero(np.diff(flat, prepend=False)).tolist()
    lengths = np.diff([0, *ends, flat.size]).tolist()
    return gzip.compress(bytes(byte for length in lengths for byte in _groups(length)), mtime=0)


def _groups(length: int) -> Iterator[int]:
    """Write a number in groups of seven bits, lowest first; all but the last have the eighth bit set."""
    while length > 0x7F:
        yield length & 0x7F | 0x80
        length >>= 7
    yield length


def sample(answers: Answers, mask: Mask) -> dict[str, Any]:
    """Take every n-th pixel of the hole: RGB in base64, and the ``other`` answer where rounding decides."""
    at = np.flatnonzero(mask)
    step = max(1, at.size // _SAMPLE)
    at = at[::step]
    first, other = (answer.reshape(-1, 3)[at] for answer in (answers.first, answers.other))
    apart = np.flatnonzero((first != other).any(axis=1))
    return {
        "step": step,
        "expected": _base64(first),
        "other": {"at": apart.tolist(), "rgb": _base64(other[apart])},
    }


def _base64(values: npt.NDArray[np.uint8]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()
