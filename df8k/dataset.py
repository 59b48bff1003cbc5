"""Read a dataset: a sequence of samples that decode when they are looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import cv2
import numpy as np
import numpy.typing as npt

import masks

from .curation.splits import SPLITS
from .errors import DatasetError
from .storage.description import Description, read_description
from .storage.layout import Layout
from .storage.manifest import METADATA, read_table

if TYPE_CHECKING:
    from PIL.Image import Image


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
        path = self._folder / self.metadata["file_name"]
        pixels = cv2.cvtColor(_read(path, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        return np.asarray(pixels, dtype=np.uint8)

    @property
    def mask(self) -> npt.NDArray[np.bool_] | None:
        """Fixed mask, bool ``(H, W)``, ``True`` = missing; ``None`` outside the test split.

        Raises:
            DatasetError: the file is absent or damaged.
        """
        name = self.metadata["mask_file_name"]
        return None if name is None else _read(self._folder / name, cv2.IMREAD_GRAYSCALE) > 127

    @property
    def vector(self) -> masks.VectorMask | None:
        """Mask without a size: the same shape at every resolution; ``None`` outside the test split."""
        text = self.metadata["mask_json"]
        return None if text is None else masks.VectorMask.from_json(text)

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
            near = get_close_matches(split, SPLITS, n=1) or [
                name for name in SPLITS if name.startswith(split)
            ]
            hint = f"did you mean {near[0]}? " if split and near else ""
            raise DatasetError(f"no split is called {split!r}: {hint}known are {', '.join(SPLITS)}")
        if not self.description.counts.get(split):
            counts = ", ".join(f"{name} {count}" for name, count in self.description.counts.items())
            raise DatasetError(f"the split {split!r} of {root} is empty; its counts are {counts}")

    @cached_property
    def _rows(self) -> list[dict[str, Any]]:
        return read_table(Layout(self.root).metadata(self.split), METADATA, others=True)

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


def load(path: str | Path, split: str = "test") -> Dataset:
    """Open one split of a dataset.

    Args:
        path: folder that ``df8k build`` wrote.
        split: ``train``, ``validation`` or ``test``.

    Raises:
        DatasetError: not a finished dataset, or the split is unknown or empty.
    """
    return Dataset(Path(path), split)


def _read(path: Path, flags: int) -> npt.NDArray[np.uint8]:
    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise DatasetError(
            f"{path} cannot be read: {error.strerror}; df8k verify lists what is wrong"
        ) from error
    pixels = cv2.imdecode(data, flags) if data.size else None
    if pixels is None:
        raise DatasetError(f"{path} is damaged; df8k verify lists what is wrong")
    return np.asarray(pixels, dtype=np.uint8)
