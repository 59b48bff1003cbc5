"""Scenes that the page measures itself on, those of `df8k latency --images 1`; drawn with the page."""

from functools import cache
from pathlib import Path
from typing import Final

from _df8k.files import write_bytes
from df8k.images import encode_png
from df8k.leaderboard.latency.inputs import Procedural

FOLDER: Final = "frames"
MATERIAL: Final = Procedural(1)
# Larger frames mirror the largest.
SIDES: Final = (512, 1024, 2048)


def write_scenes(folder: Path) -> None:
    """Draw the scenes as PNG."""
    (folder / FOLDER).mkdir(exist_ok=True)
    for side in SIDES:
        write_bytes(folder / FOLDER / f"{side}.png", _scene(side))


@cache
def _scene(side: int) -> bytes:
    return encode_png(MATERIAL.pictures(side)[0].task.target)
