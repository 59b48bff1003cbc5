"""Results in a notebook: ranked in a table, drawn in a chart."""

import pytest

from df8k import leaderboard


def test_a_table_of_results_in_memory_and_in_files(results):
    stored = [leaderboard.read_result(path) for path in results]
    table, from_files = leaderboard.show(*stored), leaderboard.show(*results)
    assert list(table["method"]) == list(from_files["method"])
    assert len(table) == sum(len(result.sizes) for result in stored)
    of_size = table[table["size"] == table["size"].iloc[0]]
    assert list(of_size["rank"].dropna()) == sorted(of_size["rank"].dropna())


def test_a_chart_of_a_size(results):
    size = leaderboard.read_result(results[0]).sizes[0].size
    assert "layer" in leaderboard.plot(*results, size=size).to_dict()
    with pytest.raises(leaderboard.LeaderboardError, match="no result has size 17"):
        leaderboard.plot(*results, size=17)
    with pytest.raises(leaderboard.LeaderboardError, match="no results"):
        leaderboard.show()
