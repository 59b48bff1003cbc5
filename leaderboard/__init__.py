"""Run methods over a dataset, measure them, and rank what was measured.

Example:
    >>> import baselines, df8k, leaderboard
    >>> dataset = df8k.load("DATASET", split="test")  # doctest: +SKIP
    >>> result = leaderboard.evaluate(baselines.load("telea"), dataset, sizes=[512])  # doctest: +SKIP
"""

from _df8k_guard import check_siblings

check_siblings(__file__)

from .errors import LeaderboardError  # noqa: E402 - the guard comes first
from .harness import Evaluation, evaluate  # noqa: E402
from .predictions import Scored, score  # noqa: E402
from .results import Result, read_result, write_result  # noqa: E402
from .site import build_site  # noqa: E402

__all__ = [
    "Evaluation",
    "LeaderboardError",
    "Result",
    "Scored",
    "build_site",
    "evaluate",
    "read_result",
    "score",
    "write_result",
]
