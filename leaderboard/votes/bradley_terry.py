"""Strengths from pairwise votes: Bradley and Terry's model with Davidson's ties (1952, 1970)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp
from scipy.stats import norm

from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.results.votes import Fit, Strength

Outcome = Literal["first", "second", "tie"]
Array = npt.NDArray[np.float64]

# Standard deviation of a normal prior of the log strengths: wide, and a method that never lost stays finite.
PRIOR: Final = 3.0
_STEPS: Final = 100


@dataclass(frozen=True)
class Vote:
    """One decided pair.

    Attributes:
        first: name of a method.
        second: name of the other.
        outcome: which was preferred.
    """

    first: str
    second: str
    outcome: Outcome


def fit(votes: Sequence[Vote], *, prior: float = PRIOR, level: float = 0.95) -> Fit:
    """Fit strengths by maximum posterior, with intervals from the curvature there.

    First wins, second wins and a tie are the three classes of a multinomial logit with the scores a, b and
    (a + b) / 2 + t, which is Davidson's model. Votes count as independent.

    Args:
        votes: decided pairs.
        prior: standard deviation of the prior of a log strength.
        level: of the intervals.

    Raises:
        LeaderboardError: no votes, or methods that no chain of votes connects.
    """
    names = sorted({name for vote in votes for name in (vote.first, vote.second)})
    if len(names) < 2:
        raise LeaderboardError("there are no votes between two methods")
    _check_connected(names, votes)
    index_of = {name: index for index, name in enumerate(names)}
    counted = Counter((index_of[vote.first], index_of[vote.second], vote.outcome) for vote in votes)
    ties = any(outcome == "tie" for *_, outcome in counted)
    designs, classes, counts = _designs(counted, len(names), ties=ties)
    precision = np.full(len(names) + ties, 1 / prior**2)
    beta, hessian = _newton(designs, classes, counts, precision)
    centred = np.eye(len(beta))
    centred[: len(names), : len(names)] -= 1 / len(names)
    spread = np.sqrt(np.diag(centred @ np.linalg.inv(hessian) @ centred.T))
    values, width = centred @ beta, float(norm.ppf(0.5 + level / 2))
    strengths = []
    for index, name in enumerate(names):
        took_part, share = _tally(counted, index)
        value, half = float(values[index]), float(width * spread[index])
        strengths.append(
            Strength(
                method=name, value=value, low=value - half, high=value + half, votes=took_part, share=share
            )
        )
    strengths.sort(key=lambda strength: (-strength.value, strength.method))
    return Fit(strengths=strengths, tie=float(beta[-1]) if ties else None)


def _designs(
    counted: Counter[tuple[int, int, Outcome]], methods: int, *, ties: bool
) -> tuple[Array, npt.NDArray[np.intp], Array]:
    """Lay out each kind of vote: coefficients of the scores ``(kinds, 3, parameters)``, class, count."""
    designs = np.zeros((len(counted), 3 if ties else 2, methods + ties))
    classes = np.zeros(len(counted), np.intp)
    for row, (first, second, outcome) in enumerate(counted):
        designs[row, 0, first] = designs[row, 1, second] = 1
        if ties:
            designs[row, 2, [first, second]] = 0.5
            designs[row, 2, -1] = 1
        classes[row] = ("first", "second", "tie").index(outcome)
    return designs, classes, np.array(list(counted.values()), np.float64)


def _newton(
    designs: Array, classes: npt.NDArray[np.intp], counts: Array, precision: Array
) -> tuple[Array, Array]:
    """Maximise the posterior, which is concave; the parameters and the negative curvature there."""
    beta = np.zeros(designs.shape[2])
    observed = designs[np.arange(len(classes)), classes]
    for _ in range(_STEPS):
        scores = designs @ beta
        probabilities = np.exp(scores - logsumexp(scores, axis=1, keepdims=True))
        means = np.einsum("kc,kcp->kp", probabilities, designs)
        gradient = counts @ (observed - means) - precision * beta
        squares = np.einsum("kc,kcp,kcq,k->pq", probabilities, designs, designs, counts)
        hessian = squares - np.einsum("kp,kq,k->pq", means, means, counts) + np.diag(precision)
        step = np.linalg.solve(hessian, gradient)
        beta += step * min(1.0, 2.0 / float(np.abs(step).max(initial=1e-300)))
        if float(np.abs(step).max()) < 1e-10:
            break
    return beta, hessian


def _tally(counted: Counter[tuple[int, int, Outcome]], index: int) -> tuple[int, float]:
    votes, won = 0, 0.0
    for (first, second, outcome), count in counted.items():
        if index in {first, second}:
            votes += count
            half = outcome == "tie"
            won += count * (0.5 if half else float((outcome == "first") == (index == first)))
    return votes, won / votes


def _check_connected(names: Sequence[str], votes: Sequence[Vote]) -> None:
    reached, edge = {names[0]}, {names[0]}
    neighbours: dict[str, set[str]] = {name: set() for name in names}
    for vote in votes:
        neighbours[vote.first].add(vote.second)
        neighbours[vote.second].add(vote.first)
    while edge:
        edge = set().union(*(neighbours[name] for name in edge)) - reached
        reached |= edge
    if alone := sorted(set(names) - reached):
        raise LeaderboardError(
            f"no chain of votes connects {', '.join(alone)} with {names[0]}: vote on more pairs"
        )
