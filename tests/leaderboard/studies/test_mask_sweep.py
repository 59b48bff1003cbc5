"""Sloppy masks: what the method gets, what is scored, and the curve."""

import csv
import json

import numpy as np
import pytest
from click.testing import CliRunner

import df8k
from df8k import leaderboard
from df8k.baselines import MethodCard, MethodFailedError
from df8k.cli import cli
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.protocol.task import Task
from df8k.leaderboard.results.mask_sweep import read_sweep
from df8k.leaderboard.site.tables.mask_sweep import sweep_grid
from df8k.leaderboard.studies.mask_sweep import SLIPS, Slip, slipped_input, sweep_masks
from df8k.leaderboard.studies.mask_sweep_report import sweep_of, write_sweep


@pytest.fixture
def task():
    y, x = np.mgrid[0:100, 0:120]
    target = np.stack([x + 40, y + 40, (x + y) // 2 + 40], axis=2).astype(np.uint8)
    mask = (y - 50) ** 2 + (x - 60) ** 2 < 30**2
    target[mask] = 255  # what no method may see
    return Task(target, np.asarray(mask))


@pytest.mark.parametrize("slip", SLIPS, ids=str)
def test_no_pixel_of_the_hole_is_ever_shown(task, slip):
    image, mask = slipped_input(task, slip)
    assert image.shape == task.target.shape
    assert mask.dtype == bool
    assert not (image[task.mask] == 255).all(axis=1).any()
    assert not image[mask & task.mask].any() or slip.kind == "feather"


def test_each_slip_moves_the_boundary_by_its_radius(task):
    area = {slip: slipped_input(task, slip)[1].sum() for slip in (Slip("dilate", 0.05), Slip("erode", 0.05))}
    assert area[Slip("dilate", 0.05)] == pytest.approx(np.pi * 35**2, rel=0.03)
    assert area[Slip("erode", 0.05)] == pytest.approx(np.pi * 25**2, rel=0.03)
    feathered, soft = slipped_input(task, Slip("feather", 0.1))
    assert abs(int(soft.sum()) - int(task.mask.sum())) < 0.05 * task.mask.sum()
    rim = np.zeros_like(task.mask)
    rim[50, 25:30] = True  # known pixels beside the hole fade
    assert (feathered[rim] < task.target[rim]).all()
    assert np.array_equal(feathered[0, 0], task.target[0, 0])


def test_an_eroded_mask_leaves_foreign_content_in_the_rim(task):
    image, mask = slipped_input(task, Slip("erode", 0.05))
    rim = task.mask & ~mask
    turned = task.target[::-1, ::-1]
    known = rim & ~task.mask[::-1, ::-1]
    assert np.array_equal(image[known], turned[known])
    assert image[rim].any(axis=1).all()


class Method:
    card = MethodCard(name="fake", version="1", summary="s", source="tests", licence="none")

    def __init__(self, failing=False):
        self.failing, self.masks = failing, []

    def __call__(self, image, mask):
        if self.failing:
            raise MethodFailedError("error", "no")
        self.masks.append(mask)
        out = image.copy()
        out[mask] = image[~mask].mean(axis=0).astype(np.uint8)
        return out


def test_the_score_s_region_stays_and_erosion_costs_what_the_rim_costs(dataset):
    plan = leaderboard.Evaluation(sizes=[96], metrics=("l1", "psnr"), limit=3)
    rows = {Slip(row.kind, row.fraction): row for row in sweep_masks(Method(), dataset, plan)}
    exact = leaderboard.evaluate(Method(), dataset, evaluation=plan).sizes[0]
    assert rows[Slip("exact")].metrics["l1.hole"] == exact.metrics["l1.hole"]
    assert len(rows) == len(SLIPS)
    assert all(row.images + row.failures == rows[Slip("exact")].images for row in rows.values())
    worst = rows[Slip("erode", 0.02)].metrics["l1.hole"].mean
    assert worst != rows[Slip("exact")].metrics["l1.hole"].mean
    failed = sweep_masks(Method(failing=True), dataset, plan, [Slip("exact")])
    assert (failed[0].images, failed[0].metrics) == (0, {})
    assert sweep_grid(failed).rows[0][-1].text == f"0, {failed[0].failures} failed"


def test_a_curve_is_written_beside_the_result(dataset, tmp_path):
    plan = leaderboard.Evaluation(sizes=[64], metrics=("l1", "psnr"), limit=2)
    rows = sweep_masks(Method(), dataset, plan)
    with pytest.raises(LeaderboardError, match="evaluate with out="):
        sweep_of(leaderboard.evaluate(Method(), dataset, evaluation=plan), rows)
    result = leaderboard.evaluate(Method(), dataset, evaluation=plan, out=tmp_path / "fake.json")
    sweep = sweep_of(result, rows)
    files = write_sweep(sweep, tmp_path / "fake.json")
    assert read_sweep(files[0]) == sweep
    assert [path.name for path in files] == ["fake.sweep.json", "fake.sweep.csv", "fake.sweep.64.svg"]
    table = list(csv.DictReader(files[1].read_text().splitlines()))
    assert {row["kind"] for row in table} == {"exact", "dilate", "erode", "feather"}
    assert len(json.loads(files[0].read_text())["rows"]) == len(SLIPS)
    assert "eroded: a rim of" in files[2].read_text()
    assert sweep_grid(rows).header[3] == "l1 hole, %"


def test_from_the_command_line(dataset, tmp_path):
    words = ["evaluate", "--method", "mean", "--data", dataset.root, "--sizes", 64, "--limit", 2]
    words += ["--metrics", "l1", "--mask-sweep", "--out", tmp_path / "mean.json"]
    done = CliRunner().invoke(cli, list(map(str, words)))
    assert done.exit_code == 0, done.output
    assert "sloppy masks" in done.output
    assert (tmp_path / "mean.sweep.csv").exists()
    done = CliRunner().invoke(cli, [*map(str, words), "--overwrite", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["mask_sweep"] == json.loads((tmp_path / "mean.sweep.json").read_text())
    assert told["mask_sweep"]["content_sha256"] == told["seal"]["content_sha256"]


def test_images_are_decoded_once_for_all_sizes(dataset, monkeypatch):
    decoded = []
    image = df8k.Sample.image
    monkeypatch.setattr(
        df8k.Sample, "image", property(lambda self: decoded.append(self.id) or image.fget(self))
    )
    rows = sweep_masks(
        Method(), dataset, leaderboard.Evaluation(sizes=[64, 80], metrics=("l1",), limit=3), [Slip("exact")]
    )
    assert [row.size for row in rows] == [64, 80]
    assert len(decoded) == len(set(decoded)) == 3
