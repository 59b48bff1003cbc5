"""Numbers that papers state about themselves: kept apart from what was measured here, as printed."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Reported:
    """One number of a paper.

    Attributes:
        method: as the paper calls it.
        dataset: test images of the paper.
        size: side length in pixels.
        metric: as the paper calls it; its variant, masks and scale are the paper's.
        value: the text as printed, every digit of it.
        unit: empty where the paper states none.
        hardware: where a latency was taken; empty for scores.
        source: paper and table.
    """

    method: str
    dataset: str
    size: int
    metric: str
    value: str
    unit: str
    hardware: str
    source: str

    @property
    def heading(self) -> str:
        """Metric with its unit."""
        return f"{self.metric}, {self.unit}" if self.unit else self.metric


@dataclass(frozen=True)
class ReportedTable:
    """One table of one paper.

    Attributes:
        source: paper and table.
        hardware: where its latencies were taken.
        header: column headings.
        rows: cells as printed; an empty cell was not stated.
    """

    source: str
    hardware: str
    header: list[str]
    rows: list[list[str]]


@cache
def read_reported() -> tuple[Reported, ...]:
    """Every number of the packaged ``data/reported.csv``, in the file's order."""
    text = files("leaderboard.site").joinpath("data", "reported.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(
        Reported(
            method=row["method"],
            dataset=row["dataset"],
            size=int(row["resolution"]),
            metric=row["metric"],
            value=row["value"],
            unit=row["unit"],
            hardware=row["hardware"],
            source=row["source"],
        )
        for row in rows
    )


def tables(numbers: Sequence[Reported]) -> list[ReportedTable]:
    """The papers' tables: one row per dataset, size and method, one column per metric."""
    found = []
    for source in dict.fromkeys(number.source for number in numbers):
        own = [number for number in numbers if number.source == source]
        headings = list(dict.fromkeys(number.heading for number in own))
        rows: dict[tuple[str, int, str], dict[str, str]] = {}
        for number in own:
            key = (number.dataset, number.size, number.method)
            rows.setdefault(key, {})[number.heading] = number.value
        found.append(
            ReportedTable(
                source,
                ", ".join(sorted({number.hardware for number in own if number.hardware})),
                ["dataset", "size", "method", *headings],
                [
                    [dataset, str(size), method, *(cells.get(heading, "") for heading in headings)]
                    for (dataset, size, method), cells in rows.items()
                ],
            )
        )
    return found
