"""Say what a row of the board is, in the words that stand beside its name."""

from collections.abc import Mapping
from typing import Final

from df8k.baselines.base import Learning
from df8k.leaderboard.results.schema import Method

_LEARNING: Final[Mapping[Learning, str]] = {
    "": "not stated",
    "none": "no learning",
    "no effect": "no learning in effect",
    "ours": "our weights",
    "official": "official weights",
}


def row_kind(method: Method) -> str:
    """Describe a row: control or not, whose weights, and which stages the source does not have."""
    learning = "untrained network" if method.untrained else _LEARNING[method.learning]
    text = f"control, {learning}" if method.control else learning
    if not method.added_stages:
        return text
    return f"{text}; re-implementation with added stages: {', '.join(method.added_stages)}"
