"""Weights of learned detectors: pinned, found where they lie, never fetched by a build."""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

from df8k.files import sha256_of


@dataclass(frozen=True, kw_only=True)
class DetectorWeights:
    """One file of weights.

    Attributes:
        name: what users type.
        filename: name on disk.
        size: bytes.
        sha256: of the file, in hexadecimal.
        licence: of the weights, with what is known of the data behind them.
        purpose: one line: what needs it.
        urls: where it can be fetched.
    """

    name: str
    filename: str
    size: int
    sha256: str
    licence: str
    purpose: str
    urls: tuple[str, ...]


WEIGHTS: Final = (
    DetectorWeights(
        name="person-detector",
        filename="fasterrcnn_mobilenet_v3_large_fpn-fb6a3cc7.pth",
        size=77_844_807,
        sha256="fb6a3cc702b1df54c18a44b26708cd083614211062d0c36d2ca7bf9270df3533",
        licence="BSD-3-Clause (torchvision); trained on COCO 2017, whose pictures have Flickr's terms",
        purpose="persons in df8k build: Faster R-CNN, MobileNetV3-Large FPN",
        urls=("https://download.pytorch.org/models/fasterrcnn_mobilenet_v3_large_fpn-fb6a3cc7.pth",),
    ),
)


def folders() -> tuple[Path, ...]:
    """Where weights are looked for: ``DF8K_WEIGHTS``, else the user's cache folder; then torch's cache."""
    chosen = os.environ.get("DF8K_WEIGHTS")
    ours = Path(chosen) if chosen else user_cache_path("df8k") / "weights"
    cache_home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    torch_home = os.environ.get("TORCH_HOME") or f"{cache_home}/torch"
    return ours, Path(torch_home).expanduser() / "hub" / "checkpoints"


def find_weights(wanted: DetectorWeights) -> Path | None:
    """Path of the file where it is present with the pinned size and hash, else ``None``."""
    for folder in folders():
        path = folder / wanted.filename
        if path.is_file() and _is(path, wanted, path.stat().st_mtime_ns):
            return path
    return None


@cache
def _is(path: Path, wanted: DetectorWeights, _changed_ns: int) -> bool:
    return path.stat().st_size == wanted.size and sha256_of(path) == wanted.sha256
