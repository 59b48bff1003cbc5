"""Entries of the catalogue of public methods: ``catalogue.json``, checked by a schema."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from _df8k.hints import unknown_name
from _df8k.weights import WeightsEntry
from df8k.baselines.base import MethodError

_FOLDER: Final = Path(__file__).parent
_WORKERS: Final = _FOLDER / "workers"
_Text = Annotated[str, Field(pattern=r"\S")]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PinnedFile(_Entry):
    """File that is fetched after consent.

    Attributes:
        filename: in the store of weights.
        size: bytes.
        sha256: in hexadecimal; another file is refused.
        urls: tried in turn.
        aliases: names under which other programs keep the same file in torch's cache.
        pinned_from: where size and hash come from.
    """

    filename: _Text
    size: Annotated[int, Field(gt=0)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    urls: Annotated[tuple[_Text, ...], Field(min_length=1)]
    aliases: tuple[_Text, ...] = ()
    pinned_from: _Text


class KnownMethod(_Entry):
    """Public method.

    Attributes:
        name: what stands behind ``known:``.
        title: what tables call the paper's method.
        paper: authors, venue, number.
        code: address of the code or hub page.
        licence: of code and weights, as their pages state it.
        kind: ``onnx`` and ``torchscript`` are files that run here; ``registered`` is a method of this package
            with converted weights; ``worker`` needs its authors' code in an environment of its own.
        convention: layout, range and polarity, by name; see `baselines.adapters.declaration.conventions`.
        size: side of the only squares that it takes, in pixels; ``None`` where it takes any.
        strategy: recommended, and taken where the user names none.
        verified: where and when it was run by this project, or ``not run``.
        file: what is fetched.
        spec: of a registered method, with ``{file}`` for the converted weights.
        converted: file name of the converted weights in the store.
        obtain: steps that a user takes where nothing can be fetched.
        worker: file of ``workers/`` that binds the authors' code.
        note: what users must know.
    """

    name: Annotated[str, Field(pattern="^[a-z0-9-]+$")]
    title: _Text
    paper: _Text
    code: _Text
    licence: _Text
    kind: Literal["onnx", "torchscript", "registered", "worker"]
    convention: str | None = None
    size: int | None = None
    strategy: str = "native"
    verified: _Text
    file: PinnedFile | None = None
    spec: str | None = None
    converted: str | None = None
    obtain: str | None = None
    worker: str | None = None
    note: str = ""

    @property
    def weights(self) -> WeightsEntry | None:
        """Entry of the store of weights, under the name ``known:NAME``; ``None`` where nothing is fetched."""
        if self.file is None:
            return None
        return WeightsEntry(
            name=f"known:{self.name}",
            filename=self.file.filename,
            size=self.file.size,
            sha256=self.file.sha256,
            licence=self.licence,
            purpose=f"method known:{self.name}, {self.title}",
            urls=self.file.urls,
            aliases=self.file.aliases,
        )

    @property
    def worker_path(self) -> Path | None:
        """Path of the worker file that comes with the package."""
        return None if self.worker is None else _WORKERS / self.worker


@cache
def catalogue() -> Mapping[str, KnownMethod]:
    """Read the catalogue, by name in its order."""
    rows = json.loads((_FOLDER / "catalogue.json").read_bytes())
    entries = [KnownMethod.model_validate(row, strict=False) for row in rows]
    return {entry.name: entry for entry in entries}


def known_method(name: str) -> KnownMethod:
    """Look an entry up.

    Args:
        name: with or without ``known:``.

    Raises:
        MethodError: there is none; the message offers the nearest ones.
    """
    bare = name.removeprefix("known:")
    entries = catalogue()
    if bare not in entries:
        raise MethodError(unknown_name("public method", bare, entries))
    return entries[bare]


def weights_entries() -> tuple[WeightsEntry, ...]:
    """List the files that can be fetched, for a store of weights."""
    return tuple(entry.weights for entry in catalogue().values() if entry.weights is not None)
