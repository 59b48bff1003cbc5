"""From predictions to a blind page, from ballots to strengths and to the agreement of metrics."""

import json
import random
import re

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from df8k import leaderboard
from df8k.cli import cli
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.votes.build import build_vote
from df8k.leaderboard.votes.files import read_key
from df8k.leaderboard.votes.score import score_votes, wilson


def grey(level):
    def fill(image, mask):
        out = image.copy()
        out[mask] = level
        return out

    return fill


@pytest.fixture(scope="module")
def evaluated(dataset, tmp_path_factory):
    """Results and predictions of three methods; the nearer to the mean, the better."""
    folder = tmp_path_factory.mktemp("votes")
    paths = {}
    for name, method in {"mean": "mean", "grey": grey(90), "white": grey(255)}.items():
        paths[name] = folder / f"{name}.json"
        leaderboard.evaluate(
            method,
            dataset,
            sizes=[64],
            out=paths[name],
            predictions=folder / name,
            name=name,
        )
    return folder, paths


@pytest.fixture(scope="module")
def built(evaluated, dataset, tmp_path_factory):
    folder, paths = evaluated
    out = tmp_path_factory.mktemp("page") / "vote"
    return build_vote({name: folder / name for name in paths}, dataset, out, size=64)


def ballot(path, key, choose, voter="0123456789abcdef"):
    votes = [{"pair": pair.pair, "choice": choose(pair), "ms": 900} for pair in key.pairs]
    path.write_text(json.dumps({"study": key.study, "voter": voter, "votes": votes}))
    return path


def honest(pair, order=("mean", "grey", "white")):
    if pair.catch:
        return pair.catch
    return "left" if order.index(pair.left) < order.index(pair.right) else "right"


def test_the_page_tells_nothing_of_methods_and_holds_every_crop(built):
    key = read_key(built.key)
    page = built.page.read_text()
    assert not re.search(
        "mean|grey\\b|white\\b|original|spoilt", re.sub("<style>.*?</style>", "", page, flags=re.DOTALL)
    )
    assert not any(pair.image in page for pair in key.pairs)
    crops = {path.stem for path in (built.page.parent / "crops").glob("*.png")}
    assert len(crops) == 3 * built.pairs
    assert all(name in page for name in crops)
    assert built.key.parent == built.page.parent.parent
    assert "http" not in re.sub("http-equiv", "", page)


def test_sides_are_random_pairs_balanced_and_catches_known(built, dataset):
    key = read_key(built.key)
    compared = [pair for pair in key.pairs if pair.catch is None]
    assert len(compared) == 3 * len(dataset)
    assert len({frozenset((pair.left, pair.right)) for pair in compared}) == 3
    assert 4 <= sum(pair.left < pair.right for pair in compared) <= len(compared) - 4
    catches = [pair for pair in key.pairs if pair.catch is not None]
    assert len(catches) == built.catches == 2
    assert all({pair.left, pair.right} == {"original", "spoilt"} for pair in catches)
    assert all(getattr(pair, pair.catch) == "original" for pair in catches)


def test_crops_are_the_pictures_own_pixels(built, evaluated, dataset):
    from df8k.leaderboard.votes.build import crop_name

    key = read_key(built.key)
    pair = next(pair for pair in key.pairs if pair.catch is None)
    crop = np.asarray(
        Image.open(built.page.parent / "crops" / f"{crop_name(key.study, pair.pair, 'left')}.png")
    )
    filled = np.asarray(Image.open(evaluated[0] / pair.left / "64" / f"{pair.image}.png"))
    assert np.array_equal(crop, filled)


def test_the_same_inputs_make_the_same_vote(evaluated, dataset, tmp_path):
    folder, paths = evaluated
    predictions = {name: folder / name for name in paths}
    keys = [
        build_vote(predictions, dataset, tmp_path / name, size=64, pairs=5, seed=seed).key.read_text()
        for name, seed in (("a", "x"), ("b", "x"), ("c", "y"))
    ]
    assert keys[0] == keys[1] != keys[2]
    with pytest.raises(LeaderboardError, match="not empty"):
        build_vote(predictions, dataset, tmp_path / "a", size=64)
    with pytest.raises(LeaderboardError, match="two methods"):
        build_vote({"mean": folder / "mean"}, dataset, tmp_path / "d", size=64)


def test_strengths_agreement_and_ceiling(built, evaluated, tmp_path):
    key = read_key(built.key)
    chance = random.Random(4)
    files = [
        ballot(
            tmp_path / f"{number}.json",
            key,
            lambda pair: "tie" if not pair.catch and chance.random() < 0.2 else honest(pair),
            voter=f"{number:016x}",
        )
        for number in range(4)
    ]
    outcome = score_votes(built.key, files, list(evaluated[1].values()))
    assert [strength.method for strength in outcome.fit.strengths] == ["mean", "grey", "white"]
    assert outcome.ties > 0
    assert outcome.votes == 4 * (built.pairs - built.catches)
    assert outcome.ceiling == 1.0
    shares = {one.key: one for one in outcome.agreements}
    assert shares["l1.hole"].share > 0.7
    assert shares["l1.hole"].low < shares["l1.hole"].share < shares["l1.hole"].high
    assert shares["l1.hole"].votes == outcome.votes - outcome.ties


def test_voters_who_do_not_look_are_left_out_and_named(built, tmp_path):
    key = read_key(built.key)
    good = ballot(tmp_path / "good.json", key, honest, voter="a" * 16)
    opposite = {"left": "right", "right": "left"}
    blind = ballot(tmp_path / "blind.json", key, lambda pair: opposite[honest(pair)], voter="b" * 16)
    tied = ballot(tmp_path / "tied.json", key, lambda _: "tie", voter="c" * 16)
    outcome = score_votes(built.key, [good, blind, tied])
    assert [voter.counted for voter in outcome.voters] == [True, False, False]
    assert outcome.votes == built.pairs - built.catches
    assert outcome.fit.strengths[0].method == "mean"
    with pytest.raises(LeaderboardError, match="every voter failed"):
        score_votes(built.key, [blind])
    done = CliRunner().invoke(cli, ["vote", "score", str(built.key), str(good), str(blind)])
    assert done.exit_code == 0, done.output
    assert "bbbbbbbbbbbbbbbb is left out: 2 of 2 catch pairs failed" in done.output


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda content: {**content, "study": "another"}, "give its key"),
        (lambda content: {**content, "votes": content["votes"][:1] * 2}, "votes twice"),
        (lambda content: {**content, "votes": [{"pair": "p9999", "choice": "tie", "ms": 1}]}, "p9999"),
        (lambda content: {**content, "votes": [{"pair": "p0001", "choice": "up", "ms": 1}]}, "choice"),
        (lambda content: [content], "is not an export of a voting page"),
    ],
)
def test_ballots_that_are_none_are_refused(built, tmp_path, change, words):
    path = ballot(tmp_path / "votes.json", read_key(built.key), honest)
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    with pytest.raises(LeaderboardError, match=words):
        score_votes(built.key, [path])


def test_a_voter_counts_once(built, tmp_path):
    path = ballot(tmp_path / "votes.json", read_key(built.key), honest)
    with pytest.raises(LeaderboardError, match="the later one"):
        score_votes(built.key, [path, path])


def test_wilson_s_interval_is_that_of_the_literature():
    # Newcombe 1998, table I: 81 of 263.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0, 10)[0] == 0


def test_from_the_command_line(evaluated, dataset, tmp_path):
    folder, _ = evaluated
    named = [f"{name}={folder / name}" for name in ("mean", "white")]
    words = ["vote", "build", *named, "--data", dataset.root, "--size", 64, "--out", tmp_path / "page"]
    done = CliRunner().invoke(cli, [*map(str, words), "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    path = ballot(tmp_path / "votes.json", read_key(tmp_path / "page-key.json"), honest)
    score = [
        "vote",
        "score",
        told["key"],
        path,
        "--results",
        folder / "mean.json",
        "--results",
        folder / "white.json",
    ]
    done = CliRunner().invoke(cli, [*map(str, score), "--out", str(tmp_path / "votes-out.json"), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == json.loads((tmp_path / "votes-out.json").read_text())
    refused = CliRunner().invoke(cli, ["vote", "build", "original=x", *map(str, words[3:])])
    assert refused.exit_code == 2
