"""Sort the files that a site offers by what they hold."""

from collections.abc import Sequence
from typing import Final

# Beginning of the files' names → what they hold, in the order of the page.
_TABLES: Final = {
    "summary-": "In short: a column each for pixels, structure, texture and perception",
    "size-": "Every metric, one size",
    "metric-": "One metric over all sizes, with intervals",
    "bins-": "The metric that ranks, by kind of mask",
    "missing": "Missing pixels of each image",
    "reported-": "The papers' own numbers",
}
_CHARTS: Final = {
    "latency-by-size": "Latency against resolution",
    "memory-by-size": "Memory against resolution",
    "ties-": "Means with intervals, and who is tied with the best",
    "images-": "Spread over images",
    "sweep-": "Sloppy masks",
    "latency-": "Quality against latency",
}


def table_groups(names: Sequence[str]) -> dict[str, list[str]]:
    """Map what tables hold to the names of their files."""
    return _grouped(names, _TABLES)


def chart_groups(names: Sequence[str]) -> dict[str, list[str]]:
    """Map what charts show to the names of their files."""
    return _grouped(names, _CHARTS)


def _grouped(names: Sequence[str], titles: dict[str, str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for start, title in titles.items():
        taken = {name for files in groups.values() for name in files}
        if files := [name for name in names if name.startswith(start) and name not in taken]:
            groups[title] = files
    return groups
