"""The summary of one size: what it says of methods that do not reach it."""

from leaderboard.results.schema import read_result
from leaderboard.site import board
from leaderboard.site.tables.summary import summary_grid


def test_a_method_that_fills_no_picture_is_named(results):
    whole, other = (read_result(path) for path in results[:2])
    size = other.sizes[0]
    unreached = size.model_copy(
        update={
            "n": 0,
            "failures": {"error": size.n},
            "metrics": {},
            "distributions": {},
            "known_drift": None,
            "latency": None,
        }
    )
    name = other.method.name
    ranked = board.rank([whole, other.model_copy(update={"sizes": [unreached]})])
    grid = summary_grid(ranked.by_size[size.size])
    (row,) = (row for row in grid.rows if row[0].text == name)
    assert all(cell.text == "–" for cell in row[2:-2])
    assert grid.note.endswith(f"{name} filled none: {size.n} error.")
    assert "filled none" not in summary_grid(board.rank([whole]).by_size[size.size]).note
