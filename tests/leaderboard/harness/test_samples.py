"""Stochastic methods: seeds, mean and spread; a lucky draw moves no rank; one draw is flagged."""

import json
import random

import numpy as np
import pytest
from click.testing import CliRunner

from df8k import leaderboard
from df8k.baselines import as_inpainter, open_method
from df8k.baselines.adapters.function import PlainFunction
from df8k.baselines.seeding import Seeded, seed_of
from df8k.cli import cli
from df8k.leaderboard.audit.reproduce import reproduce
from df8k.leaderboard.audit.validate import validate
from df8k.leaderboard.calls.timing import Budget
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.harness.samples import evaluate_samples, repeats
from df8k.leaderboard.results.schema import read_result
from df8k.leaderboard.site.tables.draws import draw_remarks

LEVEL, SPREAD = 60.0, 20.0


def plan(**options):
    budget = Budget(warmup_runs=1, runs=1)
    return leaderboard.Evaluation(sizes=[64], metrics=("l1", "psnr"), budget=budget, **options)


def off_by_a_draw(image, mask, seed=0):
    level = np.random.default_rng(seed).normal(LEVEL, SPREAD)
    out = image.copy()
    out[mask] = np.uint8(np.clip(round(level), 0, 255))
    return out


class Truth:
    """Fake that knows the originals and misses them by a drawn error: l1 has a known spread."""

    def __init__(self, dataset, level, spread):
        from df8k.leaderboard.protocol.task import make_task

        tasks = [make_task(sample, 64) for sample in dataset]
        self.targets = {task.mask.tobytes(): task.target for task in tasks}
        self.level, self.spread = level, spread

    def __call__(self, image, mask, seed=0):
        target = self.targets.get(mask.tobytes())
        if target is None:  # an altered picture, for timing
            return image
        error = np.random.default_rng(seed).normal(self.level, self.spread)
        shifted = target.astype(float) + np.where(target < 128, error, -error)
        return np.clip(np.rint(shifted), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def drawn(dataset, tmp_path_factory):
    out = tmp_path_factory.mktemp("samples") / "draws.json"
    method = PlainFunction(Truth(dataset, LEVEL, SPREAD), "truth")
    return evaluate_samples(method, dataset, plan(), out, samples=60), out


def test_a_known_spread_is_reported_within_five_percent(drawn):
    result, _ = drawn
    spread = result.samples.spreads["64"]["l1.hole"]
    assert spread.of_images == pytest.approx(SPREAD / 255, rel=0.05)
    images = result.sizes[0].n
    assert spread.of_mean == pytest.approx(SPREAD / 255 / images**0.5, rel=0.15)
    assert result.sizes[0].metrics["l1.hole"].mean == pytest.approx(LEVEL / 255, rel=0.05)
    assert result.samples.seeds == list(range(60))


def test_the_best_draw_stands_apart_and_the_mean_ranks(drawn, dataset, tmp_path):
    result, out = drawn
    best = result.samples.spreads["64"]["l1.hole"].best
    assert best < 0.5 * result.sizes[0].metrics["l1.hole"].mean
    steady = PlainFunction(Truth(dataset, 40.0, 0.0), "steady")
    other = leaderboard.evaluate(steady, dataset, evaluation=plan(), out=tmp_path / "steady.json")
    means = [one.sizes[0].metrics["l1.hole"].mean for one in (other, result)]
    # The lucky draws are better than anything steady does; the rank is that of the means.
    assert best < means[0] < means[1]
    (line,) = draw_remarks(result, 64, "truth at size 64")
    assert "best of 60, not ranked" in line
    assert not validate(out)


def test_the_same_seeds_give_the_same_numbers_and_resume(dataset, tmp_path):
    method = as_inpainter(off_by_a_draw)
    first = evaluate_samples(method, dataset, plan(limit=2), tmp_path / "a.json", samples=3)
    (tmp_path / "b.samples").mkdir()
    for path in (tmp_path / "a.samples").glob("seed-[01]*"):
        (tmp_path / "b.samples" / path.name).write_bytes(path.read_bytes())
    second = evaluate_samples(method, dataset, plan(limit=2), tmp_path / "b.json", samples=3)
    assert second.samples == first.samples
    assert second.sizes[0].metrics == first.sizes[0].metrics
    with pytest.raises(LeaderboardError, match="exists"):
        evaluate_samples(method, dataset, plan(limit=2), tmp_path / "a.json", samples=3)


def test_means_of_draws_are_not_reproduced_as_one(drawn, dataset):
    _, out = drawn
    with pytest.raises(LeaderboardError, match=r"means of 60 draws.*draws.samples/seed-0.json"):
        reproduce(out, dataset, as_inpainter(off_by_a_draw))


@pytest.mark.parametrize(("samples", "metric", "words"), [(1, "l1", "two samples"), (2, "swd", "sets")])
def test_what_has_no_spread_is_refused(dataset, tmp_path, samples, metric, words):
    evaluation = leaderboard.Evaluation(sizes=[64], metrics=(metric,))
    method = as_inpainter(off_by_a_draw)
    with pytest.raises(LeaderboardError, match=words):
        evaluate_samples(method, dataset, evaluation, tmp_path / "x.json", samples=samples)


def test_seeds_follow_from_the_mask_and_reach_every_generator():
    one, other = np.zeros((8, 8), bool), np.ones((8, 8), bool)
    assert seed_of(0, one) == seed_of(0, one)
    assert len({seed_of(0, one), seed_of(1, one), seed_of(0, other)}) == 3
    image = np.zeros((8, 8, 3), np.uint8)

    def drawing(image, mask):
        out = image.copy()
        out[..., 0], out[..., 1] = random.randrange(256), np.random.randint(256)
        return out

    pictures = [Seeded(as_inpainter(drawing), seed)(image, other) for seed in (0, 0, 1)]
    assert np.array_equal(pictures[0], pictures[1])
    assert not np.array_equal(pictures[0], pictures[2])


WORKER = """
import numpy as np
def load():
    def fill(image, mask):
        out = image.copy()
        out[mask] = np.random.randint(256)
        return out
    return fill
"""


def test_a_method_in_its_own_process_is_seeded_and_flagged_without(dataset, tmp_path):
    path = tmp_path / "method.py"
    path.write_text(WORKER)
    method = open_method(f"{path}:load")
    assert not repeats(method, dataset, plan())
    image, mask = np.zeros((16, 16, 3), np.uint8), np.ones((16, 16), bool)
    assert np.array_equal(*(Seeded(method, 3)(image, mask) for _ in range(2)))
    assert repeats(Seeded(method, 3), dataset, plan())
    method.close()
    words = ["evaluate", "--method", f"{path}:load", "--data", dataset.root, "--sizes", 64, "--limit", 2]
    words += ["--metrics", "l1"]
    once = CliRunner().invoke(cli, [*map(str, words), "--out", str(tmp_path / "once.json")])
    assert once.exit_code == 0, once.output
    assert "not deterministic" in once.output
    assert read_result(tmp_path / "once.json").repeatable is False
    assert not validate(tmp_path / "once.json")
    out = tmp_path / "three.json"
    thrice = CliRunner().invoke(cli, [*map(str, words), "--samples", "3", "--out", str(out), "--json"])
    assert thrice.exit_code == 0, thrice.output
    assert json.loads(thrice.stdout)["samples"]["seeds"] == [0, 1, 2]
