"""Check a dataset against everything it says of itself, and report every fault at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from _df8k.gate import GateError, inside
from _df8k.store import locate, remote
from df8k import masks

from .curation.splits import SPLITS, assign_splits
from .errors import DatasetError
from .identity import ID_LENGTH, fingerprint, pixel_sha256
from .images import Rejected, decode
from .pool import Engine, Progress, ordered_map
from .storage.description import Description, read_description
from .storage.layout import Layout
from .storage.manifest import MANIFEST, metadata_of, read_table
from .testmasks import STORED, centre_crop, frame_name, has_frame_masks, masks_sha256


@dataclass(frozen=True)
class Problem:
    """Finding on a file; its path is relative to the dataset."""

    file: str
    finding: str

    def __str__(self) -> str:
        return f"{self.file}: {self.finding}"


@dataclass(frozen=True)
class _ImageTask:
    root: Path
    split: str
    row: dict[str, Any]
    masked: bool


def verify(
    root: str | Path,
    *,
    workers: int = 1,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> list[Problem]:
    """Check hashes, counts, fingerprint, masks, splits and decodability.

    Args:
        root: folder of the dataset, or its address in a store.
        workers: processes.
        engine: who runs them; processes of this machine by default.
        progress: called as work goes on.

    Returns:
        Every problem found; empty when the dataset is what it says.

    Raises:
        DatasetError: there is no finished dataset at ``root``.
    """
    layout = Layout(locate(root))
    description = read_description(layout.root)
    problems: list[Problem] = []
    tables: dict[str, list[dict[str, Any]]] = {}
    for split in SPLITS:
        if description.counts.get(split):
            tables[split] = _rows(
                layout.metadata(split), metadata_of(description.format_version), layout, problems
            )
    manifest = _rows(layout.manifest, MANIFEST, layout, problems)
    problems += _check_counts(description, tables)
    problems += _check_identity(description, tables, manifest)
    problems += _check_unlisted(layout, tables)
    masked = description.configuration.masked
    tasks = [
        _ImageTask(layout.root, split, row, split in masked) for split, rows in tables.items() for row in rows
    ]
    for done, faults in enumerate(ordered_map(_check_image, tasks, workers=workers, engine=engine), 1):
        if progress is not None:
            progress("verifying", done, len(tasks))
        problems += faults
    return problems


def _rows(path: Path, schema: Any, layout: Layout, problems: list[Problem]) -> list[dict[str, Any]]:
    try:
        return read_table(path, schema)
    except DatasetError as error:
        problems.append(Problem(path.relative_to(layout.root).as_posix(), str(error)))
        return []


def _check_counts(description: Description, tables: dict[str, list[dict[str, Any]]]) -> Iterator[Problem]:
    for split, stated in description.counts.items():
        count = len(tables.get(split, []))
        if count != stated:
            yield Problem(f"{split}/metadata.parquet", f"{count} rows, df8k.json says {stated}")


def _check_identity(
    description: Description, tables: dict[str, list[dict[str, Any]]], manifest: list[dict[str, Any]]
) -> Iterator[Problem]:
    rows = [(split, row) for split, table in tables.items() for row in table]
    computed = fingerprint((row["id"], split, row["pixel_sha256"], masks_sha256(row)) for split, row in rows)
    if computed != description.fingerprint:
        yield Problem(
            "df8k.json", f"the fingerprint of the tables is {computed}, it says {description.fingerprint}"
        )
    splits = assign_splits((row["id"] for _, row in rows), description.configuration)
    for split, row in rows:
        if splits[row["id"]] != split:
            yield Problem(f"{split}/metadata.parquet", f"{row['id']} belongs to {splits[row['id']]}")
    listed = {row["id"]: row["split"] for row in manifest if row["decision"] == "keep"}
    if listed != {row["id"]: split for split, row in rows}:
        yield Problem("manifest.parquet", "its kept images are not those of the splits' tables")


def _check_unlisted(layout: Layout, tables: dict[str, list[dict[str, Any]]]) -> Iterator[Problem]:
    """Report files that no table names."""
    known = {layout.metadata(split) for split in tables}
    for split, rows in tables.items():
        names = [name for row in rows for name in (row["file_name"], row["mask_file_name"]) if name]
        known |= {layout.root / split / name for name in names}
    for split in SPLITS:
        for path in sorted((layout.root / split).rglob("*")):
            if path.is_file() and path not in known:
                yield Problem(path.relative_to(layout.root).as_posix(), "belongs to no image of the dataset")


def _check_image(task: _ImageTask) -> list[Problem]:
    row = task.row
    # Also keeps a table that was tampered with from naming files outside the dataset.
    expected = (f"images/{row['id']}.png", f"masks/{row['id']}.png" if task.masked else None)
    if (row["file_name"], row["mask_file_name"]) != expected:
        finding = f"names {row['file_name']!r} and {row['mask_file_name']!r}, expected {expected}"
        return [Problem(f"{task.split}/metadata.parquet", finding)]
    problems: list[Problem] = []
    for column, check in (("file_name", _check_file), ("mask_file_name", _check_mask)):
        if row[column] is None:
            continue
        name = f"{task.split}/{row[column]}"
        try:
            path = inside(task.root, name)
        except GateError as fault:
            problems.append(Problem(name, str(fault)))
        else:
            problems += check(path, name, row)
    if row["mask_file_name"] is not None and has_frame_masks(row):
        name = f"{task.split}/{row['mask_file_name']}"
        problems += [fault for aspect in STORED for fault in _check_frame_mask(aspect, name, row)]
    return problems


def _check_file(path: Path, name: str, row: dict[str, Any]) -> Iterator[Problem]:
    if not path.is_file():
        yield Problem(name, "absent")
        return
    data = path.read_bytes()
    if (file_hash := sha256(data).hexdigest()) != row["sha256"]:
        yield Problem(name, f"its SHA-256 is {file_hash}, metadata.parquet says {row['sha256']}")
    if row["id"] != row["pixel_sha256"][:ID_LENGTH]:
        yield Problem(name, f"the ID {row['id']} does not begin {row['pixel_sha256']}")
    try:
        pixels = decode(data)
    except Rejected as rejection:
        yield Problem(name, f"does not decode: {rejection.detail}")
        return
    if pixels.shape[:2] != (row["height"], row["width"]):
        yield Problem(name, f"is {pixels.shape[1]}x{pixels.shape[0]}, not {row['width']}x{row['height']}")
    if (digest := pixel_sha256(pixels)) != row["pixel_sha256"]:
        yield Problem(name, f"its pixels' SHA-256 is {digest}, metadata.parquet says {row['pixel_sha256']}")


def _check_mask(path: Path, name: str, row: dict[str, Any]) -> Iterator[Problem]:
    if not path.is_file():
        yield Problem(name, "absent")
        return
    try:
        stored = masks.decode_png(path if remote(path) is None else path.read_bytes())
        vector = masks.VectorMask.from_json(row["mask_json"])
        drawn = vector.rasterize(row["width"], row["height"])
    except masks.MaskError as error:
        yield Problem(name, str(error))
        return
    if vector.sha256 != row["mask_sha256"]:
        yield Problem(
            name, f"its vector's SHA-256 is {vector.sha256}, metadata.parquet says {row['mask_sha256']}"
        )
    if stored.shape != (row["height"], row["width"]):
        yield Problem(name, f"is {stored.shape[1]}x{stored.shape[0]}, not {row['width']}x{row['height']}")
    elif differing := int((stored != drawn).sum()):
        yield Problem(name, f"differs from its vector in {differing} pixels")
    elif abs(stored.mean() - row["mask_coverage"]) > 1e-12:
        yield Problem(name, f"covers {stored.mean():.6f}, metadata.parquet says {row['mask_coverage']:.6f}")


def _check_frame_mask(aspect: tuple[int, int], name: str, row: dict[str, Any]) -> Iterator[Problem]:
    """Check the mask of a frame, which is stored as its vector alone."""
    frame = frame_name(aspect)
    text, digest, coverage = (row[f"mask_{frame}_{column}"] for column in ("json", "sha256", "coverage"))
    _, _, width, height = centre_crop(row["width"], row["height"], *aspect)
    try:
        vector = masks.VectorMask.from_json(text or "")
        missing, preset = vector.area(width, height), masks.find_preset(str(vector.origin.get("preset")))
    except masks.MaskError as error:
        yield Problem(name, f"frame {frame}: {error}")
        return
    if vector.sha256 != digest:
        yield Problem(
            name, f"frame {frame}: its vector's SHA-256 is {vector.sha256}, metadata.parquet says {digest}"
        )
    drawn = missing / (width * height)
    if not preset.declares(missing, width * height):
        low, high = preset.band
        yield Problem(name, f"frame {frame}: covers {drawn:.6f}, {preset.full_name} promises {low} to {high}")
    if coverage is None or abs(drawn - coverage) > 1e-12:
        yield Problem(name, f"frame {frame}: covers {drawn:.6f}, metadata.parquet says {coverage}")
