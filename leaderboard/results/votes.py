"""Read and check what people's votes say of methods, as `df8k vote score` writes it."""

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from _df8k.bounded import read_object, validated
from _df8k.gate import ID_PATTERN
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.protocol.sizes import CheckedSize

_KIND: Final = "votes"

# Names that df8k makes up itself: of votes, pairs and voters.
Short = Annotated[str, Field(pattern="^[0-9a-z-]{1,40}$")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
_Count = Annotated[int, Field(ge=0, le=2**40)]
_Share = Annotated[float, Field(ge=0, le=1)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Strength(_Model):
    """Log strength of a method; all of them add up to 0.

    Attributes:
        method: its name.
        value: a difference of 1 between two methods is odds of e to 1.
        low: lower end of the 95 % interval.
        high: its upper end.
        votes: that it took part in.
        share: of those, wins, a tie counting half.
    """

    method: Name
    value: float
    low: float
    high: float
    votes: _Count
    share: _Share


class Fit(_Model):
    """Strengths, strongest first.

    Attributes:
        strengths: of every method.
        tie: log of Davidson's parameter of ties; ``None`` where nobody was undecided.
    """

    strengths: Annotated[list[Strength], Field(min_length=2, max_length=1000)]
    tie: float | None


class Voter(_Model):
    """One ballot.

    Attributes:
        name: random name of the browser.
        votes: comparisons of methods.
        caught: catch pairs that were decided wrongly, a tie among them.
        catches: catch pairs that were decided.
        counted: whether the votes count.
    """

    name: Short
    votes: _Count
    caught: _Count
    catches: _Count
    counted: bool


class Agreement(_Model):
    """Share of the votes in which a metric prefers the same picture.

    Attributes:
        key: metric key.
        share: a metric without a preference counts half.
        low: lower end of the 95 % interval (Wilson).
        high: its upper end.
        votes: decided votes, ties left out, on images that the metric scored for both methods.
    """

    key: Annotated[str, Field(max_length=100)]
    share: _Share
    low: _Share
    high: _Share
    votes: _Count


class Outcome(_Model):
    """Everything that the ballots of a vote say.

    Attributes:
        kind: what tells the file from others.
        study: name of the vote.
        size: of the pictures.
        images: IDs of those that were voted on.
        fit: strengths.
        voters: ballots, counted or not.
        ties: votes without a preference.
        votes: that count, ties among them.
        agreements: of metrics, best first; empty without results.
        ceiling: share of votes that agree with the majority on their pair, where two voters or more decided
            it: no metric can be expected above it; ``None`` where no pair has two.
    """

    kind: Literal["votes"] = "votes"
    study: Short
    size: CheckedSize
    images: Annotated[list[Annotated[str, Field(pattern=ID_PATTERN)]], Field(min_length=1)]
    fit: Fit
    voters: Annotated[list[Voter], Field(min_length=1, max_length=100_000)]
    ties: _Count
    votes: _Count
    agreements: list[Agreement]
    ceiling: _Share | None


def is_votes(path: Path) -> bool:
    """Tell votes from results by their kind; `read_votes` says what is wrong with a file that is neither."""
    try:
        return read_object(path, LeaderboardError).get("kind") == _KIND
    except LeaderboardError:
        return False


def read_votes(path: Path) -> Outcome:
    """Read what `df8k vote score --out` wrote.

    Raises:
        LeaderboardError: absent, or not such a file.
    """
    finding = "is no outcome of df8k vote score"
    content = read_object(path, LeaderboardError, finding=finding)
    return validated(Outcome, content, str(path), LeaderboardError, finding=finding)
