"""Files of a vote: the key that says which side was which, and the votes that a page exports."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from _df8k.bounded import read_object, validated
from _df8k.gate import ID_PATTERN
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.protocol.sizes import CheckedSize
from df8k.leaderboard.results.votes import Name, Short

Side = Literal["left", "right"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Pair(_Model):
    """One pair of a page.

    Attributes:
        pair: its name there.
        image: ID.
        left: method on the left; ``original`` or ``spoilt`` in a catch pair.
        right: method on the right.
        catch: side that anyone who looks prefers; ``None`` where methods are compared.
    """

    pair: Short
    image: Annotated[str, Field(pattern=ID_PATTERN)]
    left: Name
    right: Name
    catch: Side | None = None


class Key(_Model):
    """Key of a page: what it hides.

    Attributes:
        study: name of the vote.
        size: of the pictures.
        methods: that are compared.
        pairs: of the page.
    """

    study: Short
    size: CheckedSize
    methods: Annotated[list[Name], Field(min_length=2)]
    pairs: Annotated[list[Pair], Field(min_length=1, max_length=100_000)]


class Choice(_Model):
    """One decision of a voter.

    Attributes:
        pair: name of the pair.
        choice: side, or ``tie``.
        ms: time that it took.
    """

    pair: Short
    choice: Side | Literal["tie"]
    ms: Annotated[float, Field(ge=0, le=1e9)]


class Ballot(_Model):
    """Votes of one voter, as a page exports them.

    Attributes:
        study: name of the vote.
        voter: random name of the browser.
        votes: one for each pair that was decided.
    """

    study: Short
    voter: Short
    votes: Annotated[list[Choice], Field(max_length=100_000)]


def read_key(path: Path) -> Key:
    """Read the key of a vote.

    Raises:
        LeaderboardError: absent, or not a key.
    """
    content = read_object(path, LeaderboardError, finding="is not the key of a vote")
    return validated(Key, content, str(path), LeaderboardError)


def read_ballot(path: Path, key: Key) -> Ballot:
    """Read the votes of one voter.

    Raises:
        LeaderboardError: absent, not such a file, of another vote, or of a pair that it does not have.
    """
    content = read_object(path, LeaderboardError, finding="is not an export of a voting page")
    ballot = validated(Ballot, content, str(path), LeaderboardError)
    if ballot.study != key.study:
        raise LeaderboardError(
            f"{path} belongs to the vote {ballot.study}, the key to {key.study}: give its key"
        )
    known = {pair.pair for pair in key.pairs}
    names = [vote.pair for vote in ballot.votes]
    if strange := sorted(set(names) - known):
        raise LeaderboardError(f"{path} votes on {strange[0]}, which the vote {key.study} does not have")
    if len(set(names)) != len(names):
        raise LeaderboardError(f"{path} votes twice on a pair: export the page again")
    return ballot
