"""What can go wrong with an evaluation or a board."""


class LeaderboardError(ValueError):
    """Base of every error of this package; the message is written for the user."""
