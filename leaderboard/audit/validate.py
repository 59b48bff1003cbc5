"""Is a result what was written, does it agree with its own per-image file, and may it stand on the board?"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from df8k.dataset import Dataset
from leaderboard.errors import LeaderboardError
from leaderboard.protocol.mask_measures import expected_columns
from leaderboard.protocol.sizes import Size
from leaderboard.results.distribution_states import recompute
from leaderboard.results.per_image import Row, read_per_image
from leaderboard.results.schema import (
    Distribution,
    Result,
    features_path,
    per_image_path,
    read_content,
    read_result,
)
from leaderboard.results.seal import broken_seals
from leaderboard.statistics.aggregate import aggregate, latency_of
from leaderboard.statistics.tolerance import alike

_WITHIN: Final = 1e-9


def validate(path: Path, dataset: Dataset | None = None) -> list[str]:
    """Check a result file.

    Args:
        path: RESULT.json; its per-image parquet file lies beside it.
        dataset: the dataset that it names: what the per-image file says of masks is then checked too.

    Returns:
        Every reason why the board does not take it; empty when it does.

    Raises:
        LeaderboardError: a file is absent or not of the schema.
    """
    result = read_result(path)
    faults = faults_of(path, result, dataset)
    if result.method.untrained:
        faults.append(f"{result.method.name} ran on untrained weights: such results stay off the board")
    if shard := result.dataset.shard:
        faults.append(
            f"it is shard {shard.index}/{shard.count}, {len(result.dataset.ids)} of {len(shard.of)} images: "
            "merge the shards with df8k merge"
        )
    return faults


def faults_of(path: Path, result: Result, dataset: Dataset | None = None) -> list[str]:
    """What is wrong with a result file as such, whether or not a board may show it; see `validate`."""
    rows = read_per_image(per_image_path(path))
    # Schema 1 had no seals.
    faults = broken_seals(path, result) if read_content(path).get("schema_version") != 1 else []
    sizes = [part.size for part in result.sizes]
    if sizes != result.protocol.sizes:
        return [*faults, f"it holds sizes {sizes}, its protocol names {result.protocol.sizes}"]
    expected = {(str(size), image_id) for size in sizes for image_id in result.dataset.ids}
    if {(row["size"], row["id"]) for row in rows} != expected or len(rows) != len(expected):
        return [*faults, "its per-image file does not hold one row for each image at each size"]
    faults += _row_faults(rows) + _differences(result, rows, path) + _part_faults(result, rows)
    if dataset is not None:
        faults += _image_faults(result, rows, dataset)
    return faults


def _row_faults(rows: Sequence[Row]) -> list[str]:
    """An image that was not scored has no scores; no aggregate would show them."""
    return [
        f"image {row['id']}, size {row['size']}: {row['status']}, yet it has {name}"
        for row in rows
        if row["status"] != "ok"
        for name in ("known_drift", *(name for name in row if "." in name))
        if row[name] is not None
    ]


def _differences(result: Result, rows: Sequence[Row], path: Path) -> list[str]:
    """Fields of the sizes that the rows and the stored features do not give."""
    claimed = {part.size: part for part in result.sizes}

    def distributions(size: Size, _scored: Sequence[str]) -> Mapping[str, Distribution]:
        found = claimed[size].distributions
        if all(value.value is None for value in found.values()):
            return found
        return recompute(list(found), features_path(path), size)

    columns = [name for name in rows[0] if "." in name] if rows else []
    recomputed = aggregate(
        result.protocol.sizes, rows, columns, distributions, one_machine=result.one_machine
    )
    faults = []
    for part in recomputed:
        ours, theirs = part.model_dump(), claimed[part.size].model_dump()
        faults += [
            f"size {part.size}: {field} says {theirs[field]}, its per-image values give {ours[field]}"
            for field in ours
            if not alike(ours[field], theirs[field], within=_WITHIN)
        ]
    return faults


def _part_faults(result: Result, rows: Sequence[Row]) -> list[str]:
    """What merged parts say of themselves, against the rows."""
    if not result.parts:
        return []
    ids = [image for part in result.parts for image in part.ids]
    if sorted(ids) != sorted(result.dataset.ids):
        return ["its parts do not hold each of its images once"]
    faults = []
    for place, part in enumerate(result.parts, 1):
        own = set(part.ids)
        for size in result.protocol.sizes:
            of_part = [row for row in rows if row["size"] == str(size) and row["id"] in own]
            found, said = latency_of(of_part), part.latency.get(str(size))
            if not alike(found and found.model_dump(), said and said.model_dump(), within=_WITHIN):
                faults.append(f"part {place}, size {size}: latency says {said}, its rows give {found}")
    return faults


def _image_faults(result: Result, rows: Sequence[Row], dataset: Dataset) -> list[str]:
    """What the rows say of images and masks, against the dataset."""
    used, description = result.dataset, dataset.description
    if (used.fingerprint, used.split) != (description.fingerprint, dataset.split):
        measured = f"it was measured on the split {used.split} of fingerprint {used.fingerprint}"
        return [f"{measured}; {dataset.root} is the split {dataset.split} of {description.fingerprint}"]
    samples = {sample.id: sample for sample in dataset}
    if unknown := [image for image in used.ids if image not in samples]:
        return [f"{len(unknown)} of its images are not in {dataset.root}, such as {unknown[0]}"]
    faults = []
    sizes = {str(size): size for size in result.protocol.sizes}
    for row in rows:
        expected = expected_columns(samples[row["id"]], sizes[row["size"]])
        faults += [
            f"image {row['id']}, size {row['size']}: {name} says {row[name]}, the dataset gives {value}"
            for name, value in expected.items()
            if not alike(value, row[name], within=_WITHIN)
        ]
        if (row["status"] == "left-out") != (expected["hole_pixels"] is None):
            faults.append(f"image {row['id']}, size {row['size']}: status says {row['status']}")
    return faults


def read_sound(path: Path) -> Result:
    """Read a result that is what was written and agrees with itself, whether or not a board may show it.

    Raises:
        LeaderboardError: it is not; every reason is named.
    """
    result = read_result(path)
    if faults := faults_of(path, result):
        raise LeaderboardError(f"{path}: {'; '.join(faults)}")
    return result


def read_accepted(path: Path) -> Result:
    """Read a result that the board accepts.

    Raises:
        LeaderboardError: it does not; every reason is named.
    """
    if faults := validate(path):
        raise LeaderboardError(f"{path}: {'; '.join(faults)}")
    return read_result(path)
