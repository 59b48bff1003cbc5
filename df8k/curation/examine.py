"""One candidate at a time: decode, check, and store the pixels under their ID."""

import pickle
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import numpy.typing as npt
from pydantic import Field, TypeAdapter, ValidationError

from _df8k.bounded import read_limited
from _df8k.files import write_bytes
from df8k.checks import Picture, Settings, inspect
from df8k.errors import BuildError
from df8k.identity import ID_LENGTH, pixel_sha256
from df8k.images import Rejected, encode_jpeg, png_buffer, read_image
from df8k.picture import shrink
from df8k.pool import ATTEMPTS
from df8k.sources.base import Fetch

from .likeness import Look

_THUMBNAIL: Final = 256  # px


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """Result of examining the bytes of one file.

    Attributes:
        source_sha256: hash of the file as found.
        reason: why it is rejected on its own account; empty when it is fit.
        detail: finding behind the reason.
        width: pixels, upright; 0 when it does not decode.
        height: likewise.
        pixel_sha256: see `identity.pixel_sha256`; empty when it does not decode.
        file_sha256: hash of the stored PNG; empty when none was stored.
        native: whether the file stores RGB.
        source_bytes: size of the file.
        scores: see `df8k.checks.Verdict`.
        doubt: what a person should look at.
        look: see `df8k.curation.likeness.Look.record`; ``None`` when it does not decode.
    """

    source_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    reason: str = ""
    detail: str = ""
    width: int = 0
    height: int = 0
    pixel_sha256: Annotated[str, Field(pattern="^([0-9a-f]{64})?$")] = ""
    file_sha256: str = ""
    native: bool = True
    source_bytes: int = 0
    scores: Mapping[str, float] = field(default_factory=dict)
    doubt: str = ""
    look: Mapping[str, Any] | None = None

    @property
    def id(self) -> str:
        """Image ID; empty when it does not decode."""
        return self.pixel_sha256[:ID_LENGTH]


_RECORD: Final = TypeAdapter(Record)


@dataclass(frozen=True, kw_only=True)
class Examination:
    """Task for `examine`: which file, by which rules, and where its results go.

    Attributes:
        keep: IDs and source hashes whose pixels are stored whatever the checks say.
        thumbnails: folder of the small images that the review pages show; ``None`` for none.
        fetch: fetches the file on a machine that does not have it.
        max_bytes: of the file.
    """

    path: Path
    source_sha256: str
    checks: Settings
    keep: frozenset[str]
    records: Path
    images: Path
    thumbnails: Path | None = None
    fetch: Fetch | None = None
    max_bytes: int = 0


def examine(task: Examination) -> Record:
    """Decode and check one file; results of an earlier, interrupted build are taken as they are.

    The record is written last: where it is whole, so is the image.

    Raises:
        OSError: the file vanished, or the output cannot be written.
    """
    path = task.records / f"{task.source_sha256}.json"
    if path.exists():
        # One that a power cut left empty is made again.
        with suppress(ValidationError):
            return _RECORD.validate_json(read_limited(path, BuildError))
    record = _examine(task)
    write_bytes(path, _RECORD.dump_json(record), durable=False)
    return record


def give_up(task: Examination) -> Record:
    """Reject a file under which worker processes end; a later run does not try it again."""
    record = Record(
        source_sha256=task.source_sha256,
        reason="crash",
        detail=f"{ATTEMPTS} worker processes ended while they examined it",
    )
    write_bytes(task.records / f"{task.source_sha256}.json", _RECORD.dump_json(record))
    return record


def _examine(task: Examination) -> Record:
    record, pixels = look_over(task)
    if pixels is None or (record.reason and not {record.id, task.source_sha256} & task.keep):
        return record
    encoded = png_buffer(pixels)
    # Flushed here, listed at the end: `builder` looks that all are there.
    write_bytes(task.images / f"{record.id}.png", encoded, listed=False)
    return replace(record, file_sha256=sha256(encoded).hexdigest())


def look_over(task: Examination) -> tuple[Record, npt.NDArray[np.uint8] | None]:
    """Decode, check, hash and thumbnail one file: everything that decides about it, before it is stored.

    Returns:
        the record, and the pixels, uint8 RGB ``(H, W, 3)``; ``None`` when it does not decode.

    Raises:
        OSError: the file vanished, or the thumbnail cannot be written.
    """
    data = _bytes(task)
    try:
        decoded = read_image(data)
    except Rejected as rejection:
        fault = Record(source_sha256=task.source_sha256, reason=rejection.reason, detail=rejection.detail)
        return fault, None
    pixels, size = decoded.pixels, len(data)
    del data
    picture = Picture(pixels)
    verdict = inspect(picture, task.checks)
    if task.thumbnails is not None:
        # Review pages alone show it: not worth waiting for the disk.
        write_bytes(task.thumbnails / f"{task.source_sha256}.jpg", _thumbnail(picture), durable=False)
    record = Record(
        source_sha256=task.source_sha256,
        reason=verdict.reason,
        detail=verdict.detail,
        width=picture.width,
        height=picture.height,
        pixel_sha256=pixel_sha256(pixels),
        native=decoded.native,
        source_bytes=size,
        scores=verdict.scores,
        doubt=verdict.doubt,
        look=Look.at(picture.grey_thumbnail).record(),
    )
    return record, pixels


def portable(fetch: Fetch | None) -> Fetch | None:
    """Give what fetches a file where another machine can use it, too; ``None`` where it cannot."""
    try:
        pickle.dumps(fetch)
    except (TypeError, AttributeError, pickle.PicklingError):  # it waits its turn at a server, say
        return None
    return fetch


def _bytes(task: Examination) -> bytes:
    if task.fetch is None or task.path.exists():
        return task.path.read_bytes()
    task.fetch(task.max_bytes)
    data: bytes = getattr(task.fetch, "path", task.path).read_bytes()
    if sha256(data).hexdigest() != task.source_sha256:
        raise BuildError(f"{task.path} is another file than before: it changed while the dataset was built")
    return data


def _thumbnail(picture: Picture) -> bytes:
    small = shrink(picture.thumbnail, min(1.0, _THUMBNAIL / max(picture.thumbnail.shape)))
    return encode_jpeg(small, 80)
