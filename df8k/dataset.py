"""Read a dataset: a sequence of samples that decode when they are looked at."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, overload

import cv2
import numpy as np
import numpy.typing as npt

from _df8k.bounded import read_limited
from _df8k.gate import GateError, inside
from _df8k.hints import unknown_name
from _df8k.store import locate, remote
from df8k import masks

from .curation.splits import SPLITS
from .errors import DatasetError
from .images import MAX_PIXELS
from .storage.description import Description, read_description
from .storage.layout import Layout
from .storage.manifest import metadata_of, read_table
from .testmasks import mask_in_frame

if TYPE_CHECKING:
    from PIL.Image import Image

_REMEDY: Final = "df8k verify lists what is wrong"
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_ROOM: Final = 2**20


def _unreadable(message: str) -> DatasetError:
    return DatasetError(f"{message}; {_REMEDY}")


@dataclass(frozen=True, repr=False)
class Sample:
    """One image of a dataset.

    Attributes:
        id: image ID.
        metadata: its row of ``metadata.parquet``.
    """

    id: str
    metadata: dict[str, Any]
    _folder: Path

    @property
    def folder(self) -> Path:
        """Folder that the metadata's file names are relative to."""
        return self._folder

    @property
    def image(self) -> npt.NDArray[np.uint8]:
        """Image, uint8 RGB ``(H, W, 3)``; decoded at each access.

        Raises:
            DatasetError: the file is absent or damaged.
        """
        pixels = cv2.cvtColor(self._read("file_name", cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        return np.asarray(pixels, dtype=np.uint8)

    @property
    def mask(self) -> npt.NDArray[np.bool_] | None:
        """Fixed mask, bool ``(H, W)``, ``True`` = missing; ``None`` outside the test split.

        Raises:
            DatasetError: the file is absent or damaged.
        """
        if self.metadata["mask_file_name"] is None:
            return None
        return self._read("mask_file_name", cv2.IMREAD_GRAYSCALE) > 127

    def _read(self, column: str, flags: int) -> npt.NDArray[np.uint8]:
        name = self.metadata[column]
        try:
            path = inside(self._folder, name)
        except GateError as fault:
            raise DatasetError(f"{self._folder}: {column} of {self.id}: {fault}; {_REMEDY}") from fault
        width, height = int(self.metadata["width"]), int(self.metadata["height"])
        data = _content(path, limit=_ROOM + 4 * width * height, version=self._version(column))
        # Before anything is decoded: a few kilobytes may claim to be gigapixels.
        if data[:8] != _SIGNATURE or struct.unpack_from(">II", data.ljust(24), 16) != (width, height):
            raise DatasetError(f"{path} is damaged; {_REMEDY}: no PNG of {width} x {height} pixels")
        if width * height > MAX_PIXELS:
            raise DatasetError(f"{path} has {width * height} pixels, at most {MAX_PIXELS} are decoded")
        try:
            pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
        except cv2.error as fault:
            raise DatasetError(f"{path} is damaged: {fault.err}; {_REMEDY}") from fault
        if pixels is None or pixels.shape[:2] != (height, width):
            raise DatasetError(f"{path} is damaged; {_REMEDY}")
        return np.asarray(pixels, dtype=np.uint8)

    def _version(self, column: str) -> str:
        """Name the content of a file: its hash, or that of the mask it draws."""
        known = self.metadata["sha256"] if column == "file_name" else self.metadata["mask_sha256"]
        return f"{known}|{self.metadata['width']}x{self.metadata['height']}"

    @property
    def vector(self) -> masks.VectorMask | None:
        """Mask without a size: the same shape at every resolution; ``None`` outside the test split."""
        text = self.metadata["mask_json"]
        return None if text is None else masks.VectorMask.from_json(text)

    def vector_in(self, width: int, height: int) -> masks.VectorMask | None:
        """Find the mask of the largest centre crop that has the aspect of a frame; ``None`` without masks.

        Args:
            width: of the frame, in any unit.
            height: of the frame, in the same unit.
        """
        return None if self.metadata["mask_json"] is None else mask_in_frame(self.metadata, width, height)

    def show(self, side: int = 512) -> "Image":
        """Draw the image with its hole tinted.

        Args:
            side: longer side of the drawing in pixels.

        Raises:
            DatasetError: a file is absent or damaged.
        """
        from PIL import Image

        image, mask = self.image, self.mask
        hole = np.zeros(image.shape[:2], np.bool_) if mask is None else mask
        return Image.fromarray(masks.overlay(image, hole, side=side))

    def __repr__(self) -> str:
        row = self.metadata
        hole = f", hole {row['mask_coverage']:.1%}" if row.get("mask_coverage") is not None else ""
        return f"Sample({self.id}, {row['width']} x {row['height']}{hole})"

    def _repr_png_(self) -> bytes:
        """Show a notebook what `show` draws."""
        buffer = BytesIO()
        self.show().save(buffer, "PNG")
        return buffer.getvalue()


class Dataset(Sequence[Sample]):
    """Samples of one split, ordered by ID.

    Attributes:
        root: folder of the dataset.
        split: name of the split.
        description: content of ``df8k.json``.
    """

    def __init__(self, root: Path, split: str) -> None:
        """Open a split; see `load`."""
        self.root, self.split = root, split
        self.description: Description = read_description(root)
        if split not in SPLITS:
            raise DatasetError(unknown_name("split", split, SPLITS, 1))
        if not self.description.counts.get(split):
            counts = ", ".join(f"{name} {count}" for name, count in self.description.counts.items())
            raise DatasetError(f"the split {split!r} of {root} is empty; its counts are {counts}")

    @cached_property
    def _rows(self) -> list[dict[str, Any]]:
        path, count = Layout(self.root).metadata(self.split), self.description.counts[self.split]
        columns = metadata_of(self.description.format_version)
        rows = read_table(path, columns, others=True, rows=count)
        if len(rows) != count or len({row["id"] for row in rows}) != count:
            raise DatasetError(f"{path} does not hold the {count} images that df8k.json says; {_REMEDY}")
        return rows

    @cached_property
    def _by_id(self) -> dict[str, dict[str, Any]]:
        return {row["id"]: row for row in self._rows}

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        description = self.description
        return f"Dataset({description.name} {description.version}, {self.split}: {len(self)} images)"

    @overload
    def __getitem__(self, index: int | str) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> "Sequence[Sample]": ...
    def __getitem__(self, index: int | str | slice) -> "Sample | Sequence[Sample]":
        """Return a sample by position or ID, or several by slice.

        Raises:
            DatasetError: no image of that ID.
            IndexError: no such position.
        """
        if isinstance(index, str):
            if index not in self._by_id:
                raise DatasetError(f"no image {index!r} in the split {self.split} of {self.root}")
            return self._sample(self._by_id[index])
        if isinstance(index, slice):
            return [self._sample(row) for row in self._rows[index]]
        return self._sample(self._rows[index])

    def _sample(self, row: dict[str, Any]) -> Sample:
        return Sample(row["id"], row, self.root / self.split)


def _content(path: Path, *, limit: int, version: str) -> bytes:
    """Read a file; one of a store is kept on this machine, under a hash of its address and version."""
    if remote(path) is None:
        return read_limited(path, _unreadable, limit=limit)
    from _df8k.store.cache import object_cache

    key = sha256(f"{path}|{version}".encode()).hexdigest()
    return object_cache().get(key, lambda: read_limited(path, _unreadable, limit=limit))


def load(path: str | Path, split: str = "test") -> Dataset:
    """Open one split of a dataset.

    Args:
        path: folder that ``df8k build`` wrote, or its address in a store, such as ``s3://bucket/dataset``:
            images are read when they are looked at, and kept in a cache, see `_df8k.store.cache`.
        split: ``train``, ``validation`` or ``test``.

    Raises:
        DatasetError: not a finished dataset, or the split is unknown or empty.
    """
    return Dataset(locate(path), split)
