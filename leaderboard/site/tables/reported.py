"""Tables of numbers that papers state about themselves, as printed: apart from what was measured here."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from .grid import Cell, Grid


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
        """Join metric and unit."""
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
    """Read every number of the packaged ``data/reported.csv``, in the file's order."""
    text = files("df8k.leaderboard.site").joinpath("data", "reported.csv").read_text(encoding="utf-8")
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


def paper_tables() -> list[ReportedTable]:
    """Arrange the numbers as the papers do: a row per dataset, size and method, a column per metric."""
    tables = []
    for source in dict.fromkeys(number.source for number in read_reported()):
        of_paper = [number for number in read_reported() if number.source == source]
        headings = list(dict.fromkeys(number.heading for number in of_paper))
        rows: dict[tuple[str, int, str], dict[str, str]] = {}
        for number in of_paper:
            key = (number.dataset, number.size, number.method)
            rows.setdefault(key, {})[number.heading] = number.value
        tables.append(
            ReportedTable(
                source,
                ", ".join(sorted({number.hardware for number in of_paper if number.hardware})),
                ["dataset", "size", "method", *headings],
                [
                    [dataset, str(size), method, *(cells.get(heading, "") for heading in headings)]
                    for (dataset, size, method), cells in rows.items()
                ],
            )
        )
    return tables


def reported_latency_grid() -> Grid:
    """Lay out the latencies that papers state of devices of their own, by size; none was measured here."""
    timed = [number for number in read_reported() if number.metric == "latency"]
    stated = sorted(timed, key=lambda number: number.size)
    rows = [
        [Cell(str(number.size)), *map(Cell, (number.method, number.hardware, number.value, number.source))]
        for number in stated
    ]
    breaks = {i for i in range(1, len(stated)) if stated[i].size != stated[i - 1].size}
    header = ["size", "method", "device", "ms", "reported by"]
    note = "As printed; what the papers time, on which pictures and holes, differs from the protocol here."
    return Grid(header, rows, frozenset({1, 2, 4}), frozenset(breaks), note)


def reported_grid(table: ReportedTable) -> Grid:
    """Lay out a table of a paper; nothing in it is marked, because it was not measured here."""
    rows = [[Cell(cell or "–") for cell in row] for row in table.rows]
    hardware = f"; latency on {table.hardware}" if table.hardware else ""
    breaks = {i for i in range(1, len(table.rows)) if table.rows[i][:2] != table.rows[i - 1][:2]}
    note = f"Reported by {table.source}, as printed{hardware}; not measured here."
    return Grid(table.header, rows, frozenset({0, 2}), frozenset(breaks), note)
