"""Removal sets on disk: image, mask, clean picture and, where known, effects of each pair, as PNG files.

``metadata.jsonl`` has the columns ``file_name``, ``mask_file_name``, ``clean_file_name`` and
``effects_file_name``, so that Hugging Face ``datasets`` loads the folder as pictures.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from _df8k.bounded import parse_json, read_limited, validated
from _df8k.files import write_bytes, write_text
from _df8k.gate import ID_PATTERN, GateError, inside, joined
from df8k import masks
from df8k.errors import DatasetError
from df8k.identity import ID_LENGTH, pixel_sha256
from df8k.images import Rejected, decode, png_buffer

Image = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

METADATA: Final = "metadata.jsonl"
FOLDERS: Final = ("images", "masks", "clean", "effects")


class Row(BaseModel):
    """Line of ``metadata.jsonl``.

    Attributes:
        id: first 16 digits of the hash of the pixels with the object.
        file_name: picture with the object.
        mask_file_name: 255 = the object, which is to be removed.
        clean_file_name: the scene without it, the target.
        effects_file_name: 255 = its shadow and reflection, outside the mask; ``None`` where unknown.
        sha256: of the pixels of the clean picture.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Annotated[str, Field(pattern=ID_PATTERN)]
    file_name: str
    mask_file_name: str
    clean_file_name: str
    effects_file_name: str | None = None
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


@dataclass(frozen=True)
class RemovalPair:
    """Scene with an object and without it.

    Attributes:
        image: uint8 RGB ``(H, W, 3)`` with the object.
        mask: bool ``(H, W)``, ``True`` = the object.
        clean: uint8 RGB ``(H, W, 3)`` without it.
        effects: bool ``(H, W)``, ``True`` = what else is to go, such as a shadow; ``None`` where unknown.
    """

    image: Image
    mask: Mask
    clean: Image
    effects: Mask | None = None

    @property
    def id(self) -> str:
        """Name of the pair: it follows from the pixels with the object."""
        return pixel_sha256(self.image)[:ID_LENGTH]

    def check(self, name: str) -> None:
        """Check that the four fit each other.

        Raises:
            DatasetError: sizes differ, nothing is masked, or effects overlap the mask.
        """
        shape = self.image.shape
        shapes = [self.clean.shape, (*self.mask.shape, 3)]
        shapes += [] if self.effects is None else [(*self.effects.shape, 3)]
        if any(other != shape for other in shapes):
            raise DatasetError(
                f"{name}: its pictures and masks have the sizes {shape}, {shapes}: one is expected"
            )
        if not self.mask.any():
            raise DatasetError(f"{name}: its mask is empty: 255 marks the object that is to be removed")
        if self.effects is not None and (self.effects & self.mask).any():
            raise DatasetError(
                f"{name}: its effects overlap the mask: mark the shadow outside the object alone"
            )


class RemovalSet(Sequence[RemovalPair]):
    """Pairs of a folder, decoded when they are asked for.

    Attributes:
        root: the folder.
        rows: of its metadata, by ID.
    """

    def __init__(self, root: Path, rows: Sequence[Row]) -> None:
        self.root, self.rows = root, rows

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self.rows)

    def __getitem__(self, index: Any) -> Any:
        """Read a pair, or the pairs of a slice.

        Raises:
            DatasetError: a file is absent, damaged or not the one that the metadata names.
        """
        if isinstance(index, slice):
            return RemovalSet(self.root, self.rows[index])
        row = self.rows[index]
        effects = None if row.effects_file_name is None else self._mask(row.effects_file_name)
        pair = RemovalPair(
            self._image(row.file_name),
            self._mask(row.mask_file_name),
            self._image(row.clean_file_name),
            effects,
        )
        pair.check(f"{self.root}, {row.id}")
        if pair.id != row.id or pixel_sha256(pair.clean) != row.sha256:
            raise DatasetError(f"{self.root}, {row.id}: its pixels are not those that the metadata names")
        return pair

    def __iter__(self) -> Iterator[RemovalPair]:
        """Read every pair in turn."""
        return (self[index] for index in range(len(self)))

    def _read(self, name: str) -> bytes:
        try:
            return inside(self.root, name).read_bytes()
        except (OSError, GateError) as error:
            raise DatasetError(f"{self.root}: {name} cannot be read: {error}") from error

    def _image(self, name: str) -> Image:
        try:
            return decode(self._read(name))
        except Rejected as rejection:
            raise DatasetError(f"{self.root}: {name}: {rejection.detail}") from rejection

    def _mask(self, name: str) -> Mask:
        try:
            return masks.decode_png(self._read(name))
        except masks.MaskError as error:
            raise DatasetError(f"{self.root}: {name}: {error}") from error


def load_removal(root: str | Path) -> RemovalSet:
    """Load a removal set; pictures are read when they are asked for.

    Raises:
        DatasetError: no such folder, or a line of its metadata is wrong.
    """
    folder = Path(root)
    path = folder / METADATA
    if not path.is_file():
        raise DatasetError(f"{folder} is no removal set: it has no {METADATA}; df8k removal build makes one")
    rows = []
    for number, line in enumerate(read_limited(path, DatasetError).splitlines(), 1):
        content = parse_json(line, f"{path}, line {number}", DatasetError)
        rows.append(validated(Row, content, f"{path}, line {number}", DatasetError))
    if len({row.id for row in rows}) != len(rows) or not rows:
        raise DatasetError(f"{path} names no pair, or one twice")
    return RemovalSet(folder, sorted(rows, key=lambda row: row.id))


def write_removal(pairs: Iterable[RemovalPair], out: str | Path) -> RemovalSet:
    """Write a removal set; the same pairs give the same files whatever their order.

    Args:
        pairs: with distinct pictures.
        out: folder.

    Raises:
        DatasetError: a pair does not fit, or stands there twice.
    """
    root, rows = Path(out), {}
    for pair in pairs:
        name = pair.id
        pair.check(name)
        if name in rows:
            raise DatasetError(f"{name} is there twice: each picture with an object once")
        names = {folder: f"{folder}/{name}.png" for folder in FOLDERS}
        write_bytes(joined(root, names["images"]), png_buffer(pair.image))
        write_bytes(joined(root, names["clean"]), png_buffer(pair.clean))
        write_bytes(joined(root, names["masks"]), masks.encode_png(pair.mask))
        if pair.effects is not None:
            write_bytes(joined(root, names["effects"]), masks.encode_png(pair.effects))
        rows[name] = Row(
            id=name,
            file_name=names["images"],
            mask_file_name=names["masks"],
            clean_file_name=names["clean"],
            effects_file_name=None if pair.effects is None else names["effects"],
            sha256=pixel_sha256(pair.clean),
        )
    lines = [json.dumps(rows[name].model_dump()) for name in sorted(rows)]
    write_text(root / METADATA, "".join(f"{line}\n" for line in lines))
    return load_removal(root)
