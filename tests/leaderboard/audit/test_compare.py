"""Comparing results: who may be compared, on which images, and what is said."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import leaderboard
from df8k.cli import cli
from leaderboard.audit.compare import compare
from leaderboard.calls.timing import Budget
from leaderboard.results.per_image import ImageRow, PerImage, read_arrays, read_per_image
from leaderboard.site import board
from leaderboard.site.tables import comparison as comparison_tables
from leaderboard.site.tables import quality as tables
from leaderboard.statistics.groups import GROUPINGS, groups
from leaderboard.statistics.ties import tie_groups

BUDGET = Budget(warmup_runs=0, runs=1)


@pytest.fixture(scope="module")
def shades(dataset, fake, tmp_path_factory):
    """Results of four methods: two that paint nearly the same grey, a worse one, and one that often fails."""
    folder = tmp_path_factory.mktemp("shades")
    paths = []

    def painter(name, grey, failing):
        calls = []

        def paint(image, _mask):
            calls.append(1)
            if failing and len(calls) % 3 == 0:
                raise RuntimeError("out of paint")
            return np.full_like(image, grey)

        return fake(paint, name)

    for name, grey, failing in (
        ("grey", 120, False),
        ("black", 0, False),
        ("other-grey", 121, False),
        ("tired", 60, True),
    ):
        paths.append(folder / f"{name}.json")
        leaderboard.evaluate(
            painter(name, grey, failing),
            dataset,
            evaluation=leaderboard.Evaluation(sizes=[48, 64], metrics=["l1", "psnr"], budget=BUDGET),
            out=paths[-1],
        )
    return paths


def test_pairs_are_those_of_the_rows(shades):
    report = compare(shades, metric="psnr.hole", sizes=[64])
    assert len(report.comparisons) == 6
    rows = [
        {
            row["id"]: row["psnr.hole"]
            for row in map(ImageRow.record, read_per_image(path.with_suffix(".parquet")))
            if row["size"] == "64"
        }
        for path in shades
    ]
    found = next(each for each in report.comparisons if (each.first, each.second) == ("black", "tired"))
    both = [image for image in rows[1] if rows[3][image] is not None]
    assert len(both) == 4
    assert found.paired.mean == pytest.approx(np.mean([rows[1][i] - rows[3][i] for i in both]), rel=1e-12)
    assert (found.paired.n, found.only_first, found.only_second) == (4, 2, 0)
    assert found.p >= found.paired.p
    assert any("2 images that only the first has" in line for line in comparison_tables.notes(report))
    assert any("4 images cannot show a difference" in line for line in comparison_tables.notes(report))


def test_six_images_that_agree_are_enough_for_one_pair_and_not_for_many(shades):
    alone = compare([shades[0], shades[1]], sizes=[64])
    assert alone.comparisons[0].better == "grey"
    assert comparison_tables.verdict(alone.comparisons[0], 0.05) == "grey is better"
    assert alone.standings[0].ties == [["grey"], ["black"]]
    many = compare(shades[:3])
    assert {each.better for each in many.comparisons} == {None}
    said = {comparison_tables.verdict(each, many.level) for each in many.comparisons}
    assert said == {"no significant difference at level 0.05"}
    assert many.standings[0].ties == [list(many.standings[0].means)]


def test_higher_is_better_where_it_is(shades):
    report = compare([shades[1], shades[0]], metric="psnr.hole", sizes=[64])
    assert report.comparisons[0].paired.mean < 0
    assert report.comparisons[0].better == "grey"
    assert list(report.standings[0].means) == ["grey", "black"]


def test_only_against_one(shades):
    report = compare(shades, sizes=[48], against="grey")
    assert {(each.first, each.second) for each in report.comparisons} == {
        ("grey", "black"),
        ("grey", "other-grey"),
        ("grey", "tired"),
    }
    assert report.standings[0].ties == []
    with pytest.raises(leaderboard.LeaderboardError, match="no result is of 'gray': there are grey"):
        compare(shades, against="gray")


def test_groups_hold_each_image_once(shades):
    whole = compare(shades[:2], sizes=[64]).comparisons[0].paired
    for name in ("coverage", "depth", "holes", "border"):
        split = compare(shades[:2], sizes=[64], by=name).comparisons
        assert sum(each.paired.n for each in split) == whole.n == 6
        assert sum(each.paired.n * each.paired.mean for each in split) == pytest.approx(6 * whole.mean)
    with pytest.raises(leaderboard.LeaderboardError, match="do not record the category"):
        compare(shades[:2], by="category")


def test_what_cannot_be_subtracted_is_refused(shades, dataset, fake, tmp_path):
    def result(name, **changes):
        path = tmp_path / f"{name}.json"
        plan = leaderboard.Evaluation(**{"sizes": [64], "metrics": ["l1"], "budget": BUDGET} | changes)
        leaderboard.evaluate(fake(lambda i, _m: i, name), dataset, evaluation=plan, out=path)
        return path

    sixty_four = result("some")
    with pytest.raises(
        leaderboard.LeaderboardError, match="psnr differs, psnr-rgb-pooled-v1 and not measured"
    ):
        compare([shades[0], sixty_four], metric="psnr.hole")
    with pytest.raises(leaderboard.LeaderboardError, match=r"no two results have l1\.hole"):
        compare([sixty_four, result("large", sizes=[80])])
    with pytest.raises(leaderboard.LeaderboardError, match="size 48: sizes of at least two are 64"):
        compare([shades[0], sixty_four], sizes=[48])
    with pytest.raises(leaderboard.LeaderboardError, match="same result is given twice"):
        compare([sixty_four, sixty_four])
    with pytest.raises(leaderboard.LeaderboardError, match="at least two results"):
        compare([sixty_four])
    with pytest.raises(leaderboard.LeaderboardError, match=r"'l1' is no value of an image: l1 has l1\.full"):
        compare([shades[0], sixty_four], metric="l1")
    assert compare([shades[0], result("few", limit=2)]).comparisons[0].paired.n == 2


def test_another_dataset_or_protocol_is_refused(shades, tmp_path, edited):
    for change, named in (
        ({"dataset": {"fingerprint": "f" * 64}}, "their dataset differs"),
        ({"dataset": {"split": "validation"}}, "their split differs, test and validation"),
        ({"protocol": {"version": 99}}, r"protocol's version differs, 2 \(a mask .* and 99 \(unknown"),
    ):
        with pytest.raises(leaderboard.LeaderboardError, match=named):
            compare([shades[0], edited(shades[1], tmp_path, change)])


def test_an_edited_result_is_not_compared(shades, tmp_path):
    path = tmp_path / "edited.json"
    path.write_text(shades[0].read_text().replace('"n": 6', '"n": 7'))
    path.with_suffix(".parquet").write_bytes(shades[0].with_suffix(".parquet").read_bytes())
    with pytest.raises(leaderboard.LeaderboardError, match="its seal is not that of its content"):
        compare([path, shades[1]])


@given(st.integers(2, 6), st.sets(st.integers(0, 14)))
def test_tie_groups_are_complete_and_as_large_as_possible(count, chosen):
    names = [f"m{index}" for index in range(count)]
    pairs = [frozenset((a, b)) for i, a in enumerate(names) for b in names[i + 1 :]]
    apart = {pair for index, pair in enumerate(pairs) if index in chosen}
    found = [frozenset(group) for group in tie_groups(names, apart)]
    assert len(set(found)) == len(found)
    for pair in pairs:
        assert any(pair <= group for group in found) == (pair not in apart)
    for group in found:
        assert not any(group < other for other in found)
        rest = set(names) - group
        assert all(any(frozenset((name, member)) in apart for member in group) for name in rest)


def test_values_on_an_edge_belong_to_the_group_above():
    coverage = np.array([0.1, 0.0999, 0.0, 1.0, np.nan])
    values = PerImage(
        [],
        [],
        [],
        {},
        {"coverage": coverage, "sides": np.array([0, 1, 2, 3, 4.0])},
        ["b", "a", "b", None, "b"],
    )
    found = {label: members.tolist() for label, members in groups(values, "coverage").items()}
    assert found == {
        "0–1 %": [False, False, True, False, False],
        "1–10 %": [False, True, False, False, False],
        "10–20 %": [True, False, False, False, False],
        "60–100 %": [False, False, False, True, False],
    }
    assert [m.sum() for m in groups(values, "border").values()] == [1, 2, 2]
    assert {label: m.sum() for label, m in groups(values, "category").items()} == {"a": 1, "b": 3}
    assert groups(values, "depth") == {}
    with pytest.raises(leaderboard.LeaderboardError, match="no split is called 'colour': known: coverage"):
        groups(values, "colour")
    assert set(GROUPINGS) == {"coverage", "depth", "holes", "border", "category"}


def test_the_command_prints_a_table_markdown_and_json(shades, monkeypatch):
    monkeypatch.setenv("COLUMNS", "240")
    run = CliRunner()
    files = [str(path) for path in shades[:3]]
    table = run.invoke(cli, ["compare", *files, "--size", "64"])
    assert table.exit_code == 0
    assert "no significant difference at level 0.05" in table.output
    assert "Holm's correction for 3 comparisons" in table.output.replace("\n", " ")
    written = run.invoke(cli, ["compare", *files, "--markdown", "--level", "0.2"])
    assert "| grey − black | grey is better |" in written.output
    data = json.loads(run.invoke(cli, ["compare", *files, "--json"]).output)
    assert len(data["comparisons"]) == 6
    assert data["comparisons"][0]["verdict"] == "no significant difference at level 0.05"
    wrong = run.invoke(cli, ["compare", files[0]])
    assert wrong.exit_code == 2
    assert "at least two results" in wrong.output


def test_results_without_mask_measures_are_still_read(shades):
    arrays = read_arrays(shades[0], leaderboard.read_result(shades[0]))
    assert set(arrays[64].masks) == {"coverage", "depth", "components", "sides"}
    assert arrays[64].categories == [None] * 6


def test_the_groups_of_the_board_hold_every_image_once(shades):
    read = [leaderboard.read_result(path) for path in shades]
    arrays = [read_arrays(path, result) for path, result in zip(shades, read, strict=True)]
    of_size = board.rank(read, arrays).by_size[64]
    shown = 0
    for name in GROUPINGS:
        found = tables.group_grid(of_size, name, board.column_of("psnr.hole"))
        for row, entry in zip(found.rows if found else (), of_size.entries, strict=bool(found)):
            counts = [int(cell.detail.rpartition("n = ")[2]) for cell in row[1:] if cell.detail]
            means = [float(cell.text) for cell in row[1:] if cell.detail]
            whole = entry.size_result.metrics["psnr.hole"]
            assert sum(counts) == whole.n
            assert np.dot(counts, means) / whole.n == pytest.approx(whole.mean, abs=0.006)
            shown += 1
    assert shown >= 8
