"""Pairs that somebody keeps as folders of pictures with equal names."""

from collections.abc import Iterator
from pathlib import Path

from _df8k.gate import joined
from df8k import masks
from df8k.errors import DatasetError
from df8k.images import SUFFIXES, Rejected, decode

from .records import FOLDERS, Image, RemovalPair


def pairs_of(source: Path) -> Iterator[RemovalPair]:
    """Read the pairs of ``images/``, ``masks/``, ``clean/`` and, where known, ``effects/``, by name.

    Args:
        source: folder; masks have 255 where the object is.

    Raises:
        DatasetError: a folder or a partner is absent, or a file is damaged.
    """
    files = {folder: _files(joined(source, folder)) for folder in FOLDERS}
    if not files["images"]:
        raise DatasetError(f"{source} has no pictures in images/: expected images/, masks/ and clean/")
    for name, path in files["images"].items():
        missing = [folder for folder in ("masks", "clean") if name not in files[folder]]
        if missing:
            raise DatasetError(f"{path} has no partner in {source / missing[0]}: give one of the name {name}")
        effects = files["effects"].get(name)
        try:
            yield RemovalPair(
                _image(path),
                masks.import_mask(files["masks"][name], hole="white"),
                _image(files["clean"][name]),
                None if effects is None else masks.import_mask(effects, hole="white"),
            )
        except masks.MaskError as error:
            raise DatasetError(f"{path}: {error}") from error


def _files(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        return {}
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    return {path.stem: path for path in paths if not path.name.startswith(".")}


def _image(path: Path) -> Image:
    try:
        return decode(path.read_bytes())
    except Rejected as rejection:
        raise DatasetError(f"{path}: {rejection.detail}") from rejection
