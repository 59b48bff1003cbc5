"""The values of each image as arrays, for everything that a mean hides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from .protocol import Size
from .results import Result, per_image_path


@dataclass(frozen=True)
class PerImage:
    """What one method did with each image at one size, in the order of ``ids``.

    Attributes:
        ids: image IDs.
        status: ``ok``, ``left-out`` or the kind of failure.
        errors: message of a failure, else empty.
        values: metric key → float64 ``(images,)``; NaN where there is no value.
    """

    ids: Sequence[str]
    status: Sequence[str]
    errors: Sequence[str]
    values: Mapping[str, npt.NDArray[np.float64]]


def read_arrays(path: Path, result: Result) -> dict[Size, PerImage]:
    """Read the per-image file beside an accepted result, size by size.

    Args:
        path: RESULT.json.
        result: its content; see `validate.read_accepted`.
    """
    table = pq.read_table(per_image_path(path))
    sizes = np.array([str(size) for size in table["size"].to_pylist()])
    ids, status = np.array(table["id"].to_pylist()), np.array(table["status"].to_pylist())
    errors = np.array([error or "" for error in table["error"].to_pylist()], dtype=object)
    metrics = {
        name: np.asarray(table[name].to_numpy(), dtype=np.float64)
        for name in table.column_names
        if "." in name
    }
    found: dict[Size, PerImage] = {}
    for part in result.sizes:
        rows = np.flatnonzero(sizes == str(part.size))
        rows = rows[np.argsort(ids[rows], kind="stable")]
        found[part.size] = PerImage(
            ids[rows].tolist(),
            status[rows].tolist(),
            errors[rows].tolist(),
            {name: values[rows] for name, values in metrics.items()},
        )
    return found
