"""What can go wrong with an evaluation or a board."""

from pathlib import Path


class LeaderboardError(ValueError):
    """Base of every error of this package; the message is written for the user."""


def refuse_existing(out: Path, *, overwrite: bool) -> None:
    """Keep a result that is there.

    Raises:
        LeaderboardError: there is one, and it may not be replaced.
    """
    if out.exists() and not overwrite:
        raise LeaderboardError(f"{out} exists; give another name, or --overwrite to replace it")
