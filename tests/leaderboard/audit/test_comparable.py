"""One rule of what may stand together, and everything that joins results keeps it."""

import numpy as np
import pytest

import leaderboard
from leaderboard.audit.comparable import check_one_latency_table, differences
from leaderboard.audit.compare import compare
from leaderboard.audit.merge import merge
from leaderboard.audit.reproduce import reproduce
from leaderboard.audit.validate import validate
from leaderboard.calls.timing import Budget
from leaderboard.latency.results import read_latency
from leaderboard.site.build import build_site
from leaderboard.site.submissions import add

BUDGET = Budget(warmup_runs=0, runs=1)
OTHERS = {
    "fingerprint": ({"dataset": {"fingerprint": "f" * 64}}, "their dataset differs, fingerprint .* ffff"),
    "split": ({"dataset": {"split": "validation"}}, "their split differs, test and validation"),
    "version": (
        {"protocol": {"version": 99}},
        r"their protocol's version differs, 2 \(a mask .* and 99 \(unknown",
    ),
    "variant": ({"protocol": {"metrics": {"l1": "l1-v0"}}}, "their l1 differs, l1-.* and l1-v0"),
}


@pytest.fixture(scope="module")
def pair(dataset, fake, tmp_path_factory):
    """Results of two methods that may stand together."""
    folder = tmp_path_factory.mktemp("pair")
    for name, grey in (("grey", 120), ("black", 0)):
        leaderboard.evaluate(
            fake(lambda image, _mask, grey=grey: np.full_like(image, grey), name),
            dataset,
            evaluation=leaderboard.Evaluation(sizes=[48], metrics=["l1"], budget=BUDGET),
            out=folder / f"{name}.json",
        )
    return [folder / "grey.json", folder / "black.json"]


@pytest.fixture
def unlike(pair, edited, tmp_path):
    """The two, the second measured in another way."""
    return lambda change: [pair[0], edited(pair[1], tmp_path, change)]


@pytest.mark.parametrize(("change", "finding"), OTHERS.values(), ids=OTHERS)
def test_boards_comparisons_and_submissions_name_the_field_and_both_files(unlike, tmp_path, change, finding):
    paths = unlike(change)
    board = tmp_path / "board"
    add(paths[0], board)
    before = sorted(board.iterdir())
    for join, files in (
        (lambda: build_site(paths, tmp_path / "site"), paths),
        (lambda: compare(paths), paths),
        (lambda: add(paths[1], board), [paths[1], board / "grey.json"]),
    ):
        with pytest.raises(leaderboard.LeaderboardError) as refusal:
            join()
        message = str(refusal.value)
        assert all(str(file) in message for file in files)
        if files == paths:
            assert refusal.match(finding)
        else:  # the new result is named first
            assert refusal.match(finding.partition(",")[0])
    assert sorted(board.iterdir()) == before
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(("change", "finding"), OTHERS.values(), ids=OTHERS)
def test_shards_of_differing_evaluations_are_not_merged(dataset, fake, edited, tmp_path, change, finding):
    (tmp_path / "other").mkdir()
    shards = [tmp_path / f"{index}.json" for index in (1, 2)]
    for index, path in enumerate(shards, 1):
        plan = leaderboard.Evaluation(sizes=[48], metrics=["l1"], budget=BUDGET, shard=(index, 2))
        leaderboard.evaluate(fake(lambda image, _mask: image), dataset, evaluation=plan, out=path)
    shards[1] = edited(shards[1], tmp_path / "other", change)
    field = next(f"{section}.{name}" for section, fields in change.items() for name in fields)
    with pytest.raises(leaderboard.LeaderboardError, match="not of one evaluation") as refusal:
        merge(shards, tmp_path / "merged.json")
    assert field in str(refusal.value)
    assert all(str(path) in str(refusal.value) for path in shards)
    assert finding


@pytest.mark.parametrize("field", ["fingerprint", "split"])
def test_another_dataset_is_refused_by_all_that_open_one(unlike, dataset, fake, tmp_path, field):
    path = unlike(OTHERS[field][0])[1]
    (fault,) = validate(path, dataset)
    assert "it was measured on the split" in fault
    for use in (
        lambda: build_site([path], tmp_path / "site", dataset=dataset),
        lambda: reproduce(path, dataset, fake(lambda image, _mask: image, "black")),
    ):
        with pytest.raises(leaderboard.LeaderboardError, match="give the dataset that it names") as refusal:
            use()
        assert str(path) in str(refusal.value)
        assert fault in str(refusal.value)


def test_a_metric_that_is_computed_otherwise_by_now_is_not_reproduced(unlike, dataset, fake):
    path = unlike(OTHERS["variant"][0])[1]
    with pytest.raises(leaderboard.LeaderboardError, match="l1 is l1-v0, this df8k computes l1-"):
        reproduce(path, dataset, fake(lambda image, _mask: image, "black"))


def test_what_changes_no_score_may_differ(pair, edited, tmp_path):
    first = leaderboard.read_result(pair[0])
    change = {"protocol": {"timing": [9, 9.0], "warmup": [0, 0.0]}, "environment": {"threads": 64}}
    second = leaderboard.read_result(edited(pair[1], tmp_path, change))
    assert differences(first, second, same_images=True) == []
    metrics = {**first.protocol.metrics, "psnr": "psnr-v9"}
    more = second.model_copy(update={"protocol": second.protocol.model_copy(update={"metrics": metrics})})
    assert differences(first, more) == []
    assert [field for field, *_ in differences(first, more, metric="psnr")] == ["psnr"]


def test_ranks_need_the_same_images_and_paired_tests_do_not(pair):
    first, second = (leaderboard.read_result(path) for path in pair)
    ids = [*second.dataset.ids[1:], "0" * 16]
    other = second.model_copy(update={"dataset": second.dataset.model_copy(update={"ids": ids})})
    assert differences(first, other) == []
    assert [str(value) for value in differences(first, other, same_images=True)[0]] == [
        "list of images",
        "6 images",
        "6 images, 2 in only one of the two",
    ]


def test_latency_of_differing_protocols_is_not_put_in_one_table(measured, tmp_path):
    first = read_latency(measured)
    second = first.model_copy(update={"method": first.method.model_copy(update={"name": "other"})})
    paths = [measured, tmp_path / "other.json"]
    check_one_latency_table(paths, [first, second])
    later = second.model_copy(update={"protocol": second.protocol.model_copy(update={"version": 99})})
    with pytest.raises(leaderboard.LeaderboardError, match="their version differs, 1 and 99") as refusal:
        check_one_latency_table(paths, [first, later])
    assert all(str(path) in str(refusal.value) for path in paths)
