"""Statistics of a dataset, from its tables alone."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from df8k.curation.splits import SPLITS
from df8k.storage.description import read_description
from df8k.storage.layout import Layout
from df8k.storage.manifest import metadata_of, read_table


def summarise(root: str | Path) -> dict[str, Any]:
    """Summarise name, fingerprint, decisions, and per split the spread of sizes and mask coverage.

    Raises:
        DatasetError: there is no finished dataset at ``root``, or a table is damaged.
    """
    description = read_description(Path(root))
    splits = {}
    for split in SPLITS:
        if not description.counts.get(split):
            continue
        columns = metadata_of(description.format_version)
        rows = read_table(Layout(Path(root)).metadata(split), columns)
        splits[split] = {
            "images": len(rows),
            "megapixels": _spread([row["width"] * row["height"] / 1e6 for row in rows]),
            "short_side": _spread([min(row["width"], row["height"]) for row in rows]),
            "mask_coverage": _spread(
                [coverage for row in rows if (coverage := row["mask_coverage"]) is not None]
            ),
        }
    return {
        "name": description.name,
        "version": description.version,
        "fingerprint": description.fingerprint,
        "preset": description.configuration.preset,
        "splits": splits,
        "decisions": dict(description.decisions),
        "tools": dict(description.tools),
    }


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    if not values:
        return None
    return {"min": min(values), "median": median(values), "max": max(values)}
