"""Filled pictures in a folder, ``SIZE/ID.png``: one reader for what is scored and for what a site shows."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from df8k.baselines import MethodFailedError
from df8k.images import SUFFIXES, Rejected, decode
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.protocol.sizes import Size

_LOSSY_TIFF: Final = frozenset({"jpeg", "tiff_jpeg", "webp", "lerc", "jpeg2000"})
_FORMATS: Final = ("JPEG", "PNG", "TIFF", "WEBP", "BMP")
_LOSSY_CHUNK: Final = b"VP8 "


class FilledPictures:
    """Pictures named by image ID, of any format that datasets take; paired by ID, never by order.

    Names that begin with a dot, as those that macOS leaves beside copies, are no pictures.
    """

    def __init__(self, root: Path, sizes: Sequence[Size], *, partial: bool = False) -> None:
        """List the files.

        Args:
            root: folder with ``SIZE/ID.png``, or ``ID.png`` where there is one size.
            sizes: that are asked for.
            partial: whether sizes without a folder are empty.

        Raises:
            LeaderboardError: it does not exist, lacks a size, or names an ID twice.
        """
        if not root.is_dir():
            raise LeaderboardError(f"{root} is not a folder of predictions")
        self.root = root
        self._partial = partial
        self._files = {size: self._list(size, flat=len(sizes) == 1) for size in sizes}

    def _list(self, size: Size, *, flat: bool) -> dict[str, Path]:
        folder = self.root / str(size)
        if not folder.is_dir():
            if not flat and self._partial:
                return {}
            if not flat:
                raise LeaderboardError(
                    f"{self.root} has no folder {size}: with several sizes each needs its own, {size}/ID.png"
                )
            folder = self.root
        files: dict[str, Path] = {}
        for path in sorted(folder.iterdir()):
            if path.name.startswith(".") or path.suffix.lower() not in SUFFIXES or not path.is_file():
                continue
            if path.stem in files:
                raise LeaderboardError(f"{files[path.stem]} and {path} are both for {path.stem}: keep one")
            files[path.stem] = path
        return files

    def __iter__(self) -> Iterator[Path]:
        """Give every file, size by size."""
        for by_id in self._files.values():
            yield from by_id.values()

    def path(self, size: Size, image_id: str) -> Path | None:
        """Look up the file of an image; ``None`` without one."""
        return self._files[size].get(image_id)

    def decode(self, size: Size, image_id: str) -> npt.NDArray[np.uint8]:
        """Read the picture of one image, as everything else reads pictures: upright, its colours in sRGB.

        Args:
            size: where it stands.
            image_id: of the image.

        Returns:
            uint8 RGB ``(H, W, 3)``.

        Raises:
            MethodFailedError: absent, or not decodable.
        """
        path = self.path(size, image_id)
        if path is None:
            raise MethodFailedError("missing", f"no {size}/{image_id}.png")
        try:
            return decode(path.read_bytes())
        except Rejected as rejection:
            raise MethodFailedError("unreadable", f"{path.name}: {rejection.detail}") from rejection


def is_lossy(path: Path) -> bool:
    """Tell by its content whether a picture went through a lossy code; false where nothing can be read."""
    try:
        data = path.read_bytes()
        with Image.open(io.BytesIO(data), formats=_FORMATS) as file:
            form, compression = file.format, file.info.get("compression")
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False
    if form == "WEBP":
        return any(name == _LOSSY_CHUNK for name in _chunks(data))
    return form in {"JPEG", "MPO"} or (form == "TIFF" and compression in _LOSSY_TIFF)


def _chunks(data: bytes) -> Iterator[bytes]:
    """List the names of the chunks of a RIFF file."""
    place = 12
    while place + 8 <= len(data):
        yield data[place : place + 4]
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        place += 8 + length + length % 2
