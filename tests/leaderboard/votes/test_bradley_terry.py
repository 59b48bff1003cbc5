"""Strengths from votes: against a reference, within their intervals, with ties, without a loss."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.votes.bradley_terry import Vote, fit

NAMES = ("a", "b", "c", "d", "e")


def drawn(generator, strengths, per_pair, tie=None):
    """Draws votes between every pair from Davidson's model."""
    votes = []
    for i, first in enumerate(strengths):
        for j in range(i + 1, len(strengths)):
            scores = [first, strengths[j], *([] if tie is None else [(first + strengths[j]) / 2 + tie])]
            p = np.exp(scores) / np.exp(scores).sum()
            outcomes = generator.choice(["first", "second", "tie"][: len(p)], per_pair, p=p)
            votes += [Vote(NAMES[i], NAMES[j], str(outcome)) for outcome in outcomes]
    return votes


def test_without_ties_it_is_a_logistic_regression():
    votes = drawn(np.random.default_rng(1), [0.9, 0.2, -0.1, -0.4, -0.6], 30)
    rows = np.zeros((len(votes), 5))
    for row, vote in zip(rows, votes, strict=True):
        row[NAMES.index(vote.first)], row[NAMES.index(vote.second)] = 1, -1
    wins = [vote.outcome == "first" for vote in votes]
    model = LogisticRegression(C=9.0, fit_intercept=False, tol=1e-10, max_iter=10_000).fit(rows, wins)
    expected = model.coef_[0] - model.coef_[0].mean()
    measured = {strength.method: strength.value for strength in fit(votes, prior=3.0).strengths}
    assert [measured[name] for name in NAMES] == pytest.approx(expected, abs=1e-5)


def test_planted_strengths_lie_within_their_intervals_in_95_of_100_simulations():
    generator = np.random.default_rng(2)
    planted = np.array([1.0, 0.5, 0.0, -0.5, -1.0])
    inside, ties, means = [], [], []
    for _ in range(200):
        fitted = fit(drawn(generator, planted, 25, tie=-0.3))
        by_name = {strength.method: strength for strength in fitted.strengths}
        inside += [
            by_name[name].low <= value <= by_name[name].high
            for name, value in zip(NAMES, planted, strict=True)
        ]
        means.append([by_name[name].value for name in NAMES])
        ties.append(fitted.tie)
    assert 0.93 <= np.mean(inside) <= 0.97
    assert np.mean(means, axis=0) == pytest.approx(planted, abs=0.05)
    assert np.mean(ties) == pytest.approx(-0.3, abs=0.05)


def test_a_method_that_never_lost_stays_finite_and_uncertain():
    votes = [Vote("a", "b", "first")] * 20 + [Vote("b", "c", "first")] * 10 + [Vote("b", "c", "second")] * 10
    strongest = fit(votes).strengths[0]
    assert strongest.method == "a"
    assert strongest.share == 1
    assert 1 < strongest.value < 10
    assert strongest.high - strongest.low > 2


def test_ties_pull_together_and_count_half():
    even = fit([Vote("a", "b", "tie")] * 20)
    assert [strength.value for strength in even.strengths] == pytest.approx([0, 0], abs=1e-9)
    assert {strength.share for strength in even.strengths} == {0.5}
    decided = fit([Vote("a", "b", "first")] * 15 + [Vote("a", "b", "second")] * 5)
    tied = fit([Vote("a", "b", "first")] * 15 + [Vote("a", "b", "second")] * 5 + [Vote("a", "b", "tie")] * 60)
    assert tied.strengths[0].value > 0
    assert sum(strength.value for strength in tied.strengths) == pytest.approx(0, abs=1e-9)
    assert decided.tie is None


def test_the_side_on_which_a_method_stood_plays_no_part():
    votes = drawn(np.random.default_rng(3), [0.5, 0.0, -0.5], 20, tie=-1.0)
    turned = {"first": "second", "second": "first", "tie": "tie"}
    mirrored = [Vote(vote.second, vote.first, turned[vote.outcome]) for vote in votes]
    assert [s.value for s in fit(votes).strengths] == pytest.approx(
        [s.value for s in fit(mirrored).strengths]
    )


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(LeaderboardError, match="no votes"):
        fit([])
    with pytest.raises(LeaderboardError, match="no chain of votes connects c, d with a"):
        fit([Vote("a", "b", "first"), Vote("c", "d", "first")])
