"""Boards for notebooks: a table and a chart of results, as they lie in memory or in files."""

from pathlib import Path
from typing import TYPE_CHECKING

from _df8k.extras import naming_extras
from df8k.leaderboard.audit.validate import read_accepted
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.results.per_image import PerImage, read_arrays
from df8k.leaderboard.results.schema import Result

from .site.board import Board, rank

if TYPE_CHECKING:
    from collections.abc import Mapping

    import altair as alt
    import pandas as pd


def show(*results: Result | str | Path) -> "pd.DataFrame":
    """Rank results in one table; a notebook draws it.

    Args:
        results: in memory, or paths of RESULT.json files; ties and claims need the files.

    Returns:
        A row per size and method, best first: ``size``, ``rank``, ``method``, the metric that ranks, the
        others in the units of the tables, ``median, ms``, ``n``, ``failed``.

    Raises:
        LeaderboardError: no results, or a file that the board does not accept.
    """
    import pandas as pd

    board = _board(results)
    columns = sorted(board.columns, key=lambda column: column.key != board.ranked_by)
    rows = []
    for entry in board.entries:
        scores = {column.heading: _scaled(entry.score(column.key), column.factor) for column in columns}
        timing = None if entry.timing is None else 1000 * entry.timing.median_s
        size_result = entry.size_result
        counts = {"n": size_result.n, "failed": sum(size_result.failures.values())}
        head = {"size": entry.size, "rank": entry.rank, "method": entry.name}
        rows.append({**head, **scores, "median, ms": timing, **counts})
    return pd.DataFrame(rows).astype({"rank": "Int64"})


def plot(*results: Result | str | Path, size: Size | None = None) -> "alt.LayerChart":
    """Chart quality against latency; a notebook draws it, ``.save("board.svg")`` stores it.

    Args:
        results: in memory, or paths of RESULT.json files.
        size: one that was measured; the one that a site shows first by default.

    Raises:
        LeaderboardError: no results, a file that the board does not accept, no such size, or no altair.
    """
    with naming_extras("leaderboard.plot", LeaderboardError):
        from .site.charts import main_chart
    from .site.style import method_styles

    board = _board(results)
    if size is not None and size not in board.by_size:
        raise LeaderboardError(f"no result has size {size}: there are {', '.join(map(str, board.sizes))}")
    return main_chart(board if size is None else board.by_size[size], method_styles(board.methods, []))


def _board(results: tuple[Result | str | Path, ...]) -> Board:
    if not results:
        raise LeaderboardError(
            "no results: give those of leaderboard.evaluate, or paths of RESULT.json files"
        )
    read: list[Result] = []
    arrays: list[Mapping[Size, PerImage]] = []
    for result in results:
        stored = None if isinstance(result, Result) else Path(result)
        read.append(result if isinstance(result, Result) else read_accepted(Path(result)))
        arrays.append({} if stored is None else read_arrays(stored, read[-1]))
    return rank(read, arrays)


def _scaled(score: float | None, factor: float) -> float | None:
    return None if score is None else score * factor
