"""Removal sets as tar shards, as WebDataset reads them."""

import io
import tarfile
from pathlib import Path
from typing import Final

from _df8k.files import atomic_path
from _df8k.gate import inside, joined

from .records import RemovalSet, Row

_NAMES: Final = ("image", "mask", "clean", "effects")


def pack_removal(pairs: RemovalSet, out: str | Path, *, per_shard: int = 256) -> list[Path]:
    """Write ``removal-000000.tar`` and so on; the same set gives the same bytes.

    A pair is ``ID.image.png``, ``ID.mask.png``, ``ID.clean.png`` and, where known, ``ID.effects.png``.

    Args:
        pairs: the set; each pair is read and checked once.
        out: folder.
        per_shard: pairs in a shard.

    Raises:
        DatasetError: a pair is damaged.
    """
    shards = []
    for number, first in enumerate(range(0, len(pairs), per_shard)):
        shards.append(joined(Path(out), f"removal-{number:06d}.tar"))
        shards[-1].parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(shards[-1]) as path, tarfile.open(path, "w") as archive:
            for index in range(first, min(first + per_shard, len(pairs))):
                pairs[index]  # raises where it is damaged
                _add(archive, pairs.root, pairs.rows[index])
    return shards


def _add(archive: tarfile.TarFile, root: Path, row: Row) -> None:
    files = (row.file_name, row.mask_file_name, row.clean_file_name, row.effects_file_name)
    for name, file in zip(_NAMES, files, strict=True):
        if file is not None:
            data = inside(root, file).read_bytes()
            entry = tarfile.TarInfo(f"{row.id}.{name}.png")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
