"""What a result says of the code that made it."""

from datetime import UTC, date, datetime, timedelta

from leaderboard.results.provenance import describe_provenance


def test_folders_of_the_machine_stay_out_of_published_results():
    typed = ["evaluate", "--data", "/home/ada/secret/dataset", "--out", "results/telea.json"]
    found = describe_provenance(typed).command
    assert found == ["evaluate", "--data", "dataset", "--out", "results/telea.json"]


def test_a_result_says_on_which_day_it_was_begun():
    day = describe_provenance().date
    assert day is not None
    assert abs(datetime.now(UTC).date() - date.fromisoformat(day)) <= timedelta(days=1)
