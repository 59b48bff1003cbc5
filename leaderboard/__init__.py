"""Run methods over a dataset, measure them, and rank what was measured.

Example:
    >>> import df8k
    >>> from df8k import baselines, leaderboard
    >>> dataset = df8k.load("DATASET", split="test")  # doctest: +SKIP
    >>> result = leaderboard.evaluate(baselines.load("telea"), dataset, sizes=[512])  # doctest: +SKIP
"""

from _df8k.short_names import join

join(__name__)

from typing import TYPE_CHECKING, Any  # noqa: E402 - one module has one name

if TYPE_CHECKING:
    from .errors import LeaderboardError
    from .harness.evaluation import Evaluation
    from .harness.predictions import Scored, score
    from .harness.run import evaluate
    from .notebook import plot, show
    from .results.schema import Result, read_result, write_result
    from .site.build import build_site

__all__ = [
    "Evaluation",
    "LeaderboardError",
    "Result",
    "Scored",
    "build_site",
    "evaluate",
    "plot",
    "read_result",
    "score",
    "show",
    "write_result",
]

_HOMES = {
    "Evaluation": ".harness.evaluation",
    "LeaderboardError": ".errors",
    "Result": ".results.schema",
    "Scored": ".harness.predictions",
    "build_site": ".site.build",
    "evaluate": ".harness.run",
    "plot": ".notebook",
    "read_result": ".results.schema",
    "score": ".harness.predictions",
    "show": ".notebook",
    "write_result": ".results.schema",
}


def __dir__() -> list[str]:
    """List the public names, which completion asks for before they are imported."""
    return sorted(__all__)


def __getattr__(name: str) -> Any:
    """Import a public name on first use: a process that times a method must hold nothing else."""
    if name not in _HOMES:
        raise AttributeError(f"module 'leaderboard' has no attribute {name!r}")
    from importlib import import_module

    from _df8k.extras import naming_extras

    with naming_extras(f"leaderboard.{name}"):
        value = getattr(import_module(_HOMES[name], __name__), name)
    globals()[name] = value
    return value
