"""Check that a result is as it was written, agrees with its per-image file, and may stand on the board."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from df8k import masks
from df8k.dataset import Dataset
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.protocol.mask_measures import expected_columns
from df8k.leaderboard.protocol.sizes import Size, extent, parse_sizes
from df8k.leaderboard.protocol.status import STATUSES
from df8k.leaderboard.results.content_hashes import broken_seals
from df8k.leaderboard.results.distribution_states import features_path, recompute
from df8k.leaderboard.results.per_image import ImageRow, per_image_path, read_per_image
from df8k.leaderboard.results.schema import (
    Distribution,
    Result,
    read_content,
    read_result,
)
from df8k.leaderboard.statistics.aggregate import aggregate, latency_of
from df8k.leaderboard.statistics.tolerance import ROUNDING, alike

from .comparable import dataset_fault
from .consistency import consistency_faults


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
    if result.method.untrained and not result.method.control:
        faults.append(f"{result.method.name} ran on untrained weights: such results stay off the board")
    if shard := result.dataset.shard:
        faults.append(
            f"it is shard {shard.index}/{shard.count}, {len(result.dataset.ids)} of {len(shard.of)} images: "
            "merge the shards with df8k merge"
        )
    return faults


def faults_of(path: Path, result: Result, dataset: Dataset | None = None) -> list[str]:
    """List what is wrong with a result file as such, whether or not a board may show it; see `validate`."""
    rows = read_per_image(per_image_path(path))
    # Schema 1 had no seals.
    faults = broken_seals(path, result) if read_content(path).get("schema_version") != 1 else []
    sizes = [size_result.size for size_result in result.sizes]
    if sizes != result.protocol.sizes:
        return [*faults, f"it holds sizes {sizes}, its protocol names {result.protocol.sizes}"]
    expected = {(str(size), image_id) for size in sizes for image_id in result.dataset.ids}
    if {(row.size, row.id) for row in rows} != expected or len(rows) != len(expected):
        return [*faults, "its per-image file does not hold one row for each image at each size"]
    if unknown := [row for row in rows if row.status not in STATUSES]:
        return [*faults, *(f"image {row.id}, size {row.size}: status says {row.status}" for row in unknown)]
    faults += (
        consistency_faults(result, rows)
        + _row_faults(rows)
        + _differences(result, rows, path)
        + _part_faults(result, rows)
    )
    faults += _band_faults(result, rows)
    if dataset is not None:
        faults += _image_faults(result, rows, dataset)
    return faults


def unproved(path: Path, result: Result) -> list[str]:
    """List what an accepted result claims and nothing beside it shows: metrics of sets without features."""
    names = {
        name
        for size_result in result.sizes
        for name, distribution in size_result.distributions.items()
        if distribution.value is not None
    }
    if not names or features_path(path).is_dir():
        return []
    missing = features_path(path).name
    return [
        f"{result.method.name}: {', '.join(sorted(names))} cannot be recomputed, {missing} is not beside it"
    ]


def _row_faults(rows: Sequence[ImageRow]) -> list[str]:
    """List scores of images that were not scored; no aggregate would show them."""
    faults = []
    for row in rows:
        subject = f"image {row.id}, size {row.size}"
        if row.status != "ok":
            values = {"known_drift": row.known_drift, **row.scores}
            scored = [name for name, value in values.items() if value is not None]
            faults += [f"{subject}: {row.status}, yet it has {name}" for name in scored]
    return faults


def _band_faults(result: Result, rows: Sequence[ImageRow]) -> list[str]:
    """List images whose hole is not in the band that their preset declares; protocol 1 promised none."""
    name = result.dataset.preset
    if name is None or result.protocol.version == 1:
        return []
    try:
        preset = masks.find_preset(name)
    except masks.MaskError as error:
        return [str(error)]
    low, high = preset.band
    return [
        f"image {row.id}, size {row.size}: {row.mask_coverage:.4f} missing, {name} declares {low} to {high}"
        for row in rows
        if row.hole_pixels is not None
        and row.mask_coverage
        and _is_promised(row.size)
        and not preset.declares(row.hole_pixels, round(row.hole_pixels / row.mask_coverage))
    ]


def _is_promised(size: str) -> bool:
    """Tell whether a size has the pixels that the preset needs; whole images were counted by their build."""
    frame = extent(parse_sizes(size)[0])
    return frame is None or min(frame) >= masks.LEAST_SHORT_SIDE


def _differences(result: Result, rows: Sequence[ImageRow], path: Path) -> list[str]:
    """List fields of the sizes that the rows and the stored features do not give."""
    claimed = {size_result.size: size_result for size_result in result.sizes}

    def distributions(size: Size, scored: Sequence[str]) -> Mapping[str, Distribution]:
        stored = claimed[size].distributions
        unmeasured = not scored or stored.keys() <= result.unavailable.keys()
        if unmeasured and all(distribution.value is None for distribution in stored.values()):
            return stored
        if not features_path(path).is_dir():
            return stored  # see `unproved`
        return {
            name: value if stored[name].pseudo_values else value.model_copy(update={"pseudo_values": {}})
            for name, value in recompute(list(stored), features_path(path), size).items()
        }

    columns = list(rows[0].scores) if rows else []
    recomputed = aggregate(
        result.protocol.sizes,
        rows,
        columns,
        distributions,
        one_machine=result.one_machine,
        intervals=result.protocol.intervals,
    )
    faults = []
    for size_result in recomputed:
        fields, claims = size_result.model_dump(), claimed[size_result.size].model_dump()
        faults += [
            f"size {size_result.size}: {field} says {claims[field]}, its per-image values give {value}"
            for field, value in fields.items()
            if not alike(value, claims[field], within=ROUNDING)
        ]
    return faults


def _part_faults(result: Result, rows: Sequence[ImageRow]) -> list[str]:
    """Compare what merged parts say of themselves with the rows."""
    if not result.parts:
        return []
    ids = [image for merged in result.parts for image in merged.ids]
    if sorted(ids) != sorted(result.dataset.ids):
        return ["its parts do not hold each of its images once"]
    faults = []
    for number, merged in enumerate(result.parts, 1):
        ids_of_part = set(merged.ids)
        for size in result.protocol.sizes:
            of_part = [row for row in rows if row.size == str(size) and row.id in ids_of_part]
            latency, claim = latency_of(of_part), merged.latency.get(str(size))
            if not alike(latency and latency.model_dump(), claim and claim.model_dump(), within=ROUNDING):
                faults.append(f"part {number}, size {size}: latency says {claim}, its rows give {latency}")
    return faults


def _image_faults(result: Result, rows: Sequence[ImageRow], dataset: Dataset) -> list[str]:
    """Compare what the rows say of images and masks with the dataset."""
    if fault := dataset_fault(result, dataset):
        return [fault]
    samples = {sample.id: sample for sample in dataset}
    if unknown := [image for image in result.dataset.ids if image not in samples]:
        return [f"{len(unknown)} of its images are not in {dataset.root}, such as {unknown[0]}"]
    faults = []
    sizes = {str(size): size for size in result.protocol.sizes}
    for row in rows:
        expected, record = expected_columns(samples[row.id], sizes[row.size]), row.record()
        category = samples[row.id].metadata.get("category")
        if row.category is not None and row.category != category:
            faults.append(f"image {row.id}: category says {row.category}, the dataset gives {category}")
        faults += [
            f"image {row.id}, size {row.size}: {name} says {record[name]}, the dataset gives {value}"
            for name, value in expected.items()
            if not alike(value, record[name], within=ROUNDING)
        ]
        if (row.status == "left-out") != (expected["hole_pixels"] is None):
            faults.append(f"image {row.id}, size {row.size}: status says {row.status}")
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
