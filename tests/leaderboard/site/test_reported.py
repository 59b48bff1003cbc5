"""The papers' tables, regenerated from the packaged numbers."""

import csv
import io
from pathlib import Path

import pytest

from leaderboard.site.tables import grid, reported

GOLDEN = Path(__file__).parents[2] / "golden" / "reported"


def printed(name):
    lines = (GOLDEN / name).read_text(encoding="utf-8").splitlines()
    return [line.split() for line in lines if not line.startswith("#")]


def of_paper(name):
    return next(found for found in reported.paper_tables() if found.source.startswith(name))


@pytest.mark.parametrize(
    ("paper", "golden", "header"),
    [
        ("RETHINED", "rethined-table-1.txt", ["LPIPS", "L1", "FID", "SSIM", "latency, ms"]),
        ("CRA", "cra-by-image-size.txt", ["L1", "MS-SSIM", "FID", "IS", "latency, ms"]),
    ],
)
def test_the_paper_s_table_comes_out_number_for_number(paper, golden, header):
    made = reported.reported_grid(of_paper(paper))
    assert list(made.header) == ["dataset", "size", "method", *header]
    assert [[cell.text for cell in row] for row in made.rows] == printed(golden)
    markdown = [line for line in grid.markdown(made).splitlines() if line.startswith("| ")][1:]
    assert [[cell.strip() for cell in line.strip("|").split("|")] for line in markdown] == printed(golden)
    latex = [line for line in grid.latex(made).splitlines() if " & " in line][1:]
    body = [[cell.strip() for cell in line.removesuffix(r"\\").split("&")] for line in latex]
    assert body == [[cell.replace("–", "--") for cell in row] for row in printed(golden)]
    assert list(csv.reader(io.StringIO(grid.grid_csv(made))))[1:] == printed(golden)


def test_reported_numbers_are_never_marked_and_name_their_source():
    for table in reported.paper_tables():
        made = reported.reported_grid(table)
        assert {cell.mark for row in made.rows for cell in row} == {""}
        assert "not measured here" in made.note
        assert table.source in made.note
        assert table.hardware
