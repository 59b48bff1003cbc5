"""From ballots to strengths, and to how well each metric agrees with the people."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite, sqrt
from pathlib import Path
from typing import Final

from df8k.leaderboard.audit.validate import read_sound
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.protocol.ranking import metric_of
from df8k.leaderboard.results.per_image import PerImage, read_arrays
from df8k.leaderboard.results.votes import Agreement, Outcome, Voter

from .bradley_terry import Vote, fit
from .files import Ballot, Key, Pair, read_ballot, read_key

# Of catch pairs, the least share that a voter must have decided as anyone who looks does.
ATTENTIVE: Final = 0.8


def score_votes(key_path: Path, ballots: Sequence[Path], results: Sequence[Path] = ()) -> Outcome:
    """Fit strengths from exported ballots, and compare metrics with the votes.

    Args:
        key_path: key of the vote.
        ballots: files that pages exported, one a voter.
        results: RESULT.json files of the methods, with their per-image files.

    Raises:
        LeaderboardError: a file that is none or of another vote, a voter twice, or no vote that counts.
    """
    key = read_key(key_path)
    read = [read_ballot(path, key) for path in ballots]
    names = Counter(ballot.voter for ballot in read)
    if twice := [name for name, count in names.items() if count > 1]:
        raise LeaderboardError(f"two files are of the voter {twice[0]}: give the later one alone")
    pairs = {pair.pair: pair for pair in key.pairs}
    voters = [_voter(ballot, pairs) for ballot in read]
    counted = [ballot for ballot, voter in zip(read, voters, strict=True) if voter.counted]
    decided = [
        (pairs[choice.pair], choice.choice)
        for ballot in counted
        for choice in ballot.votes
        if pairs[choice.pair].catch is None
    ]
    if not decided:
        raise LeaderboardError("no vote counts: nobody voted, or every voter failed the catch pairs")
    votes = [
        Vote(pair.left, pair.right, "tie" if side == "tie" else "first" if side == "left" else "second")
        for pair, side in decided
    ]
    preferred = [
        (pair, pair.left if side == "left" else pair.right) for pair, side in decided if side != "tie"
    ]
    return Outcome(
        study=key.study,
        size=key.size,
        images=sorted({pair.image for pair, _ in decided}),
        fit=fit(votes),
        voters=voters,
        ties=len(decided) - len(preferred),
        votes=len(decided),
        agreements=_agreements(key, preferred, results),
        ceiling=_ceiling(preferred),
    )


def _voter(ballot: Ballot, pairs: Mapping[str, Pair]) -> Voter:
    catches = [
        (pairs[vote.pair].catch, vote.choice) for vote in ballot.votes if pairs[vote.pair].catch is not None
    ]
    caught = sum(expected != choice for expected, choice in catches)
    # Without a catch pair nothing shows that the voter looked; a page begins to be voted on somewhere.
    attentive = not catches or 1 - caught / len(catches) >= ATTENTIVE
    return Voter(
        name=ballot.voter,
        votes=len(ballot.votes) - len(catches),
        caught=caught,
        catches=len(catches),
        counted=attentive,
    )


def _agreements(key: Key, preferred: Sequence[tuple[Pair, str]], paths: Sequence[Path]) -> list[Agreement]:
    values = dict(_values(key, paths))
    if not values:
        return []
    keys = dict.fromkeys(name for per_image in values.values() for name in per_image.values)
    agreements = [one for name in keys if (one := _agreement(name, preferred, values)) is not None]
    return sorted(agreements, key=lambda one: (-one.share, one.key))


def _values(key: Key, paths: Sequence[Path]) -> Iterator[tuple[str, PerImage]]:
    for path in paths:
        result = read_sound(path)
        name = result.method.name
        if name not in key.methods:
            raise LeaderboardError(f"{path} is of {name}, the vote compares {', '.join(key.methods)}")
        sizes = read_arrays(path, result)
        if key.size not in sizes:
            raise LeaderboardError(f"{path} has no size {key.size}, which the vote shows")
        yield name, sizes[key.size]


def _agreement(
    name: str, preferred: Sequence[tuple[Pair, str]], values: Mapping[str, PerImage]
) -> Agreement | None:
    higher = metric_of(name).higher_is_better
    if higher is None:
        return None
    same, votes = 0.0, 0
    for pair, winner in preferred:
        loser = pair.right if winner == pair.left else pair.left
        won, lost = (_value(values.get(method), name, pair.image) for method in (winner, loser))
        if won is None or lost is None:
            continue
        votes += 1
        same += 0.5 if won == lost else float((won > lost) == higher)
    if not votes:
        return None
    low, high = wilson(same, votes)
    return Agreement(key=name, share=same / votes, low=low, high=high, votes=votes)


def _value(per_image: PerImage | None, name: str, image: str) -> float | None:
    if per_image is None or name not in per_image.values or image not in per_image.ids:
        return None
    value = float(per_image.values[name][list(per_image.ids).index(image)])
    return value if isfinite(value) else None


def wilson(hits: float, n: int, z: float = 1.959964) -> tuple[float, float]:
    """Compute the interval of a share (Wilson 1927).

    Args:
        hits: of ``n``.
        n: at least 1.
        z: quantile of the normal distribution.
    """
    share = hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def _ceiling(preferred: Sequence[tuple[Pair, str]]) -> float | None:
    by_pair: dict[str, Counter[str]] = {}
    for pair, winner in preferred:
        by_pair.setdefault(pair.pair, Counter())[winner] += 1
    shared = [counts for counts in by_pair.values() if counts.total() > 1]
    if not shared:
        return None
    return sum(max(counts.values()) for counts in shared) / sum(counts.total() for counts in shared)
