"""What a result says of the code that made it."""

from leaderboard.results.provenance import describe_provenance


def test_folders_of_the_machine_stay_out_of_published_results():
    typed = ["evaluate", "--data", "/home/ada/secret/dataset", "--out", "results/telea.json"]
    found = describe_provenance(typed).command
    assert found == ["evaluate", "--data", "dataset", "--out", "results/telea.json"]
