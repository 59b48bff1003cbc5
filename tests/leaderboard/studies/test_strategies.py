"""A network of one size under every strategy: the numbers of evaluate, and the cheapest within a tie."""

import csv
import json

import numpy as np
import pytest
from click.testing import CliRunner

from df8k import leaderboard
from df8k.baselines import MethodCard, MethodFailedError, with_strategy
from df8k.cli import cli
from df8k.leaderboard.calls.timing import Budget
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.results.per_image import read_arrays
from df8k.leaderboard.results.schema import Latency, read_result
from df8k.leaderboard.studies.strategies import compare_strategies, report, usual_strategies
from df8k.leaderboard.studies.strategies_report import sentences, write_report

SIDE = 48


class OnlySquares:
    """Stand-in for a network that takes squares of one size alone."""

    def __init__(self, fill):
        self.fill = fill
        self.card = MethodCard(name="stand-in", version="1", summary="s", source="tests", licence="none")

    def __call__(self, image, mask):
        if mask.shape != (SIDE, SIDE):
            raise MethodFailedError("error", f"takes {SIDE} alone, got {mask.shape}")
        out = image.copy()
        out[mask] = self.fill(image, mask)
        return out


def mean(image, mask):
    return image[~mask].mean(axis=0).astype(np.uint8) if (~mask).any() else 0


def plan(**options):
    return leaderboard.Evaluation(
        sizes=[64, 96],
        metrics=("l1", "psnr", "haarpsi", "seam"),
        budget=Budget(warmup_runs=1, runs=1),
        **options,
    )


@pytest.fixture(scope="module")
def measured(dataset, tmp_path_factory):
    folder = tmp_path_factory.mktemp("strategies")
    method = OnlySquares(mean)
    report = compare_strategies(
        lambda text: with_strategy(method, text),
        usual_strategies(SIDE),
        dataset,
        plan(),
        folder,
        pictures=True,
    )
    return report, folder


def test_every_strategy_is_measured_at_every_size(measured):
    measured_report, folder = measured
    assert measured_report.method == "stand-in"
    assert measured_report.metric == "haarpsi.hole"
    assert [(row.size, row.strategy) for row in measured_report.rows] == [
        (size, text) for size in (64, 96) for text in ("resize:48", "crop:48", "tile:48:6")
    ]
    assert all(row.images and not row.failures and row.seconds > 0 for row in measured_report.rows)
    assert all(row.by_hole for row in measured_report.rows)
    assert len(list((folder / "pictures/crop-48/64").glob("*.png"))) == measured_report.rows[1].images


def test_the_numbers_are_those_of_evaluate(measured, dataset):
    measured_report, _ = measured
    for text in ("resize:48", "tile:48:6"):
        result = leaderboard.evaluate(with_strategy(OnlySquares(mean), text), dataset, evaluation=plan())
        for size_result in result.sizes:
            row = next(
                row for row in measured_report.rows if (row.size, row.strategy) == (size_result.size, text)
            )
            assert row.values == {key: estimate.mean for key, estimate in size_result.metrics.items()}
            assert (row.low, row.high) == (
                size_result.metrics["haarpsi.hole"].low,
                size_result.metrics["haarpsi.hole"].high,
            )


def test_the_cheapest_within_a_tie_of_the_best_is_named(dataset, tmp_path):
    # One colour gives one picture under every strategy: only the time differs, and is set.
    seconds = {"resize:48": 0.3, "crop:48": 0.1, "tile:48:6": 0.2}
    method = OnlySquares(lambda *_: 128)
    compare_strategies(
        lambda text: with_strategy(method, text), tuple(seconds), dataset, plan(limit=3), tmp_path
    )
    paths = {text: tmp_path / f"results/{text.replace(':', '-')}.json" for text in seconds}
    arrays = {text: read_arrays(path, read_result(path)) for text, path in paths.items()}
    timed = {text: at(read_result(path), seconds[text]) for text, path in paths.items()}
    told = report(timed, arrays, {})
    assert all(row.tied for row in told.rows)
    assert {size: row.strategy for size, row in told.cheapest().items()} == {64: "crop:48", 96: "crop:48"}
    assert sentences(told)[0].startswith("At 64: crop:48 is the cheapest within a tie of the best")
    assert "3 images" in sentences(told)[-1]


def at(result, seconds):
    """Sets the median time of a call."""
    latency = {"median_s": seconds, "p90_s": seconds, "images": 3, "runs": 3}
    sizes = [size.model_copy(update={"latency": Latency(**latency)}) for size in result.sizes]
    return result.model_copy(update={"sizes": sizes})


def test_the_report_is_written_as_table_and_plot(measured, tmp_path):
    measured_report, _ = measured
    files = {path.name: path for path in write_report(measured_report, tmp_path)}
    assert set(files) == {"report.md", "report.csv", "report.json", "quality-64.svg", "quality-96.svg"}
    rows = list(csv.reader(files["report.csv"].read_text().splitlines()))
    assert rows[0][:3] == ["size", "strategy", "haarpsi.hole"]
    assert "seam.excess" in rows[0]
    assert len(rows) == 7
    assert json.loads(files["report.json"].read_text())["cheapest"]["64"] in usual_strategies(SIDE)
    assert "resize-48" not in files["quality-64.svg"].read_text()
    assert "resize:48" in files["quality-64.svg"].read_text()


def test_a_method_that_fails_throughout_is_refused(dataset, tmp_path):
    with pytest.raises(LeaderboardError, match="no image was filled under any strategy"):
        compare_strategies(lambda _: OnlySquares(mean), ["native"], dataset, plan(limit=1), tmp_path)
    with pytest.raises(LeaderboardError, match="distinct"):
        compare_strategies(lambda _: OnlySquares(mean), ["native"] * 2, dataset, plan(), tmp_path)


def test_from_the_command_line(dataset, tmp_path):
    words = ["strategies", "mean", "--data", dataset.root, "--out", tmp_path / "out", "--side", 48]
    done = CliRunner().invoke(
        cli, [*map(str, words), "--sizes", "64", "--limit", "2", "--metrics", "l1,psnr", "--json"]
    )
    assert done.exit_code == 0, done.output
    assert [row["strategy"] for row in json.loads(done.stdout)["rows"]] == list(usual_strategies(48))
    assert (tmp_path / "out/results/tile-48-6.json").exists()
