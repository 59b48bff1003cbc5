"""Does a result agree with its own per-image file, and may it stand on the board?"""

from pathlib import Path

from .aggregate import aggregate_size
from .errors import LeaderboardError
from .features import recompute
from .per_image import read_per_image
from .results import Result, SizeResult, features_path, per_image_path, read_content, read_result
from .seal import broken_seals


def validate(path: Path) -> list[str]:
    """Check a result file.

    Args:
        path: RESULT.json; its per-image parquet file lies beside it.

    Returns:
        Every reason why the board does not take it; empty when it does.

    Raises:
        LeaderboardError: a file is absent or not of the schema.
    """
    result = read_result(path)
    rows = read_per_image(per_image_path(path))
    # Schema 1 had no seals.
    faults = broken_seals(path) if read_content(path).get("schema_version") != 1 else []
    if result.method.untrained:
        faults.append(f"{result.method.name} ran on untrained weights: such results stay off the board")
    expected = {(str(size), image_id) for size in result.protocol.sizes for image_id in result.dataset.ids}
    if {(row["size"], row["id"]) for row in rows} != expected or len(rows) != len(expected):
        faults.append("its per-image file does not hold one row for each image at each size")
        return faults
    columns = [name for name in rows[0] if "." in name]
    for claimed in result.sizes:
        found = dict(claimed.distributions)
        if any(value.value is not None for value in found.values()):
            found = recompute(list(found), features_path(path), claimed.size)
        of_size = [row for row in rows if row["size"] == str(claimed.size)]
        faults += _differences(claimed, aggregate_size(claimed.size, of_size, columns, found))
    return faults


def _differences(claimed: SizeResult, recomputed: SizeResult) -> list[str]:
    ours, theirs = recomputed.model_dump(), claimed.model_dump()
    return [
        f"size {claimed.size}: {field} says {theirs[field]}, its per-image values give {ours[field]}"
        for field in ours
        if not _agree(ours[field], theirs[field])
    ]


def _agree(ours: object, theirs: object) -> bool:
    """Equal up to the last bits, which summation order may change between numpy versions."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(_agree(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, float) and isinstance(theirs, float):
        return abs(ours - theirs) <= 1e-9 * max(abs(ours), abs(theirs))
    return ours == theirs


def read_accepted(path: Path) -> Result:
    """Read a result that the board accepts.

    Raises:
        LeaderboardError: it does not; every reason is named.
    """
    if faults := validate(path):
        raise LeaderboardError(f"{path}: {'; '.join(faults)}")
    return read_result(path)
