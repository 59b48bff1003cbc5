"""Pack a dataset for publishing: parquet for the hub's viewer, or tar shards for streaming."""

import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from _df8k.bounded import read_limited
from _df8k.files import atomic_path, write_bytes, write_text
from _df8k.gate import GateError, inside
from _df8k.hints import unknown_name
from df8k.curation.splits import SPLITS
from df8k.dataset import Dataset, Sample
from df8k.errors import DatasetError
from df8k.images import encode_jpeg
from df8k.pool import Engine, Progress, ordered_map
from df8k.storage.description import Description, read_description
from df8k.storage.layout import Layout
from df8k.storage.manifest import METADATA

# The hub's viewer refuses row groups beyond 286 MiB and struggles with files beyond 1.5 GB.
ROW_GROUP_BYTES: Final = 100_000_000
SHARD_BYTES: Final = 480_000_000
_SUFFIXES: Final = {"parquet": "parquet", "webdataset": "tar"}
_PREVIEW: Final = 512  # px, long side
_IMAGE: Final = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
_IMAGES: Final = ("image", "mask", "preview")


@dataclass(frozen=True)
class _Shard:
    """Shard to write, unless an earlier run did."""

    form: str
    path: Path
    samples: list[Sample]


def pack(
    root: Path,
    out: Path,
    form: str,
    *,
    workers: int = 1,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Write a dataset's images, masks and metadata as shards; a run that was interrupted is continued.

    Args:
        root: a finished dataset.
        out: folder of the shards.
        form: ``parquet`` or ``webdataset``.
        workers: processes, a shard to each; the shards do not depend on it.
        engine: who runs them, see `df8k.pool`.
        progress: called after each shard.

    Returns:
        the shards.

    Raises:
        DatasetError: not a finished dataset, a file is absent, or an unknown form.
    """
    if form not in _SUFFIXES:
        raise DatasetError(unknown_name("form", form, _SUFFIXES))
    suffix = _SUFFIXES[form]
    description = read_description(root)
    plan: dict[str, list[Sample]] = {}
    for split in SPLITS:
        if description.counts.get(split):
            shards = list(_shards(Dataset(root, split)))
            names = [f"{split}-{index:05d}-of-{len(shards):05d}.{suffix}" for index in range(len(shards))]
            plan |= dict(zip(names, shards, strict=True))
    tasks = [_Shard(form, out / "data" / name, samples) for name, samples in plan.items()]
    for done, _ in enumerate(ordered_map(_write, tasks, workers=workers, engine=engine), 1):
        if progress is not None:
            progress("packing", done, len(plan))
    layout = Layout(root)
    copied = [layout.description, layout.manifest, layout.datasheet, *sorted(layout.figures.glob("*.svg"))]
    for path in copied:
        if path.is_file():  # datasets of earlier versions have no datasheet
            write_bytes(out / path.relative_to(root), path.read_bytes())
    write_text(out / "README.md", _card(layout.card.read_text(encoding="utf-8"), description, suffix))
    return [out / "data" / name for name in plan]


def _write(shard: _Shard) -> None:
    if not shard.path.exists():
        write = _write_parquet if shard.form == "parquet" else _write_tar
        write(shard.path, shard.samples)


def _card(text: str, description: Description, suffix: str) -> str:
    """Have the dataset's card name the shards in its head."""
    text = text.replace("  drop_labels: true\n", "", 1)
    for split in description.counts:
        text = text.replace(f"    path: {split}/**\n", f"    path: data/{split}-*.{suffix}\n", 1)
    return text


def _shards(dataset: Dataset) -> Iterator[list[Sample]]:
    shard: list[Sample] = []
    size = 0
    for sample in dataset:
        weight = sum(path.stat().st_size for path in _files(sample).values())
        if shard and size + weight > SHARD_BYTES:
            yield shard
            shard, size = [], 0
        shard.append(sample)
        size += weight
    yield shard


def _files(sample: Sample) -> dict[str, Path]:
    names = {"image": sample.metadata["file_name"], "mask": sample.metadata["mask_file_name"]}
    try:
        paths = {kind: inside(sample.folder, name) for kind, name in names.items() if name}
    except GateError as fault:
        raise DatasetError(f"{sample.id}: {fault}; df8k verify lists what is wrong") from fault
    for path in paths.values():
        if not path.is_file():
            raise DatasetError(f"{path} is absent; df8k verify lists what is wrong")
    return paths


def _stored(sample: Sample) -> dict[str, bytes]:
    return {kind: read_limited(path, DatasetError, limit=2**31) for kind, path in _files(sample).items()}


def _write_parquet(path: Path, samples: list[Sample]) -> None:
    features: dict[str, Any] = {name: {"_type": "Image"} for name in _IMAGES}
    features |= {field.name: {"dtype": _dtype(field.type), "_type": "Value"} for field in METADATA}
    head: dict[bytes | str, bytes | str] = {"huggingface": json.dumps({"info": {"features": features}})}
    schema = pa.schema([*((name, _IMAGE) for name in _IMAGES), *METADATA], metadata=head)
    with atomic_path(path) as temporary, pq.ParquetWriter(temporary, schema, compression="none") as writer:
        rows: list[dict[str, Any]] = []
        size = 0
        for sample in samples:
            stored = _stored(sample) | {"preview": _preview(sample)}
            weight = sum(map(len, stored.values()))
            if rows and size + weight > ROW_GROUP_BYTES:
                writer.write_table(pa.Table.from_pylist(rows, schema=schema))
                rows, size = [], 0
            suffixes = {"image": "png", "mask": "png", "preview": "jpg"}
            images = {
                kind: {"bytes": data, "path": f"{sample.id}.{suffixes[kind]}"}
                for kind, data in stored.items()
            }
            rows.append(
                dict.fromkeys(_IMAGES) | images | {name: sample.metadata[name] for name in METADATA.names}
            )
            size += weight
        writer.write_table(pa.Table.from_pylist(rows, schema=schema))


def _dtype(kind: pa.DataType) -> str:
    return {pa.string(): "string", pa.int32(): "int32", pa.float64(): "float64"}[kind]


def _preview(sample: Sample) -> bytes:
    image = sample.image
    scale = min(1.0, _PREVIEW / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return encode_jpeg(np.asarray(small, dtype=np.uint8), 85)


def _write_tar(path: Path, samples: list[Sample]) -> None:
    with atomic_path(path) as temporary, tarfile.open(temporary, "w") as archive:
        for sample in samples:
            stored = _stored(sample)
            members = {"png": stored["image"], "json": json.dumps(sample.metadata).encode()}
            if "mask" in stored:
                members["mask.png"] = stored["mask"]
            for suffix, data in members.items():
                member = tarfile.TarInfo(f"{sample.id}.{suffix}")
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
