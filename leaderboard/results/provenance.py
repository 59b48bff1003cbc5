"""Record which code and which weights made the numbers."""

import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from df8k import metrics
from df8k.metrics.weights import Store

from .schema import Provenance

_ROOT: Final = Path(__file__).resolve().parents[2]
_CODE: Final = ("_df8k", "masks", "metrics", "baselines", "df8k", "leaderboard")


def describe_provenance(command: Sequence[str] | None = None) -> Provenance:
    """Record version, commit, day and command line.

    Args:
        command: the command line as it was typed; of absolute paths the last part is kept, because results
            are published and the rest says how somebody's machine is laid out.
    """
    commit, dirty = describe_checkout(_ROOT)
    return Provenance(
        df8k_version=version("df8k"),
        commit=commit,
        dirty=dirty,
        command=None if command is None else [_without_folders(word) for word in command],
        metric_weights={},
        date=datetime.now(UTC).date().isoformat(),
    )


def _without_folders(word: str) -> str:
    return Path(word).name if Path(word).is_absolute() else word


def metric_weights(names: Iterable[str]) -> dict[str, str]:
    """Read the SHA-256 of the weights that metrics use, by name in the store; absent ones are left out.

    Args:
        names: registered metrics.
    """
    store = Store()
    needed = dict.fromkeys(weights for name in names for weights in metrics.get(name).weights)
    return {name: store.entry(name).sha256 for name in needed if store.find(name) is not None}


def describe_checkout(root: Path) -> tuple[str | None, bool | None]:
    """Read the commit of a checkout, and whether our packages differ; ``(None, None)`` outside of one.

    Args:
        root: folder that the packages lie in. An installed package may lie inside the checkout of something
            else, so only a checkout whose own root this is counts.
    """
    if not (root / ".git").exists():
        return None, None
    commit = _git(root, "rev-parse", "HEAD")
    changes = _git(root, "status", "--porcelain", "--", *_CODE)
    if commit is None or changes is None:
        return None, None
    return commit, bool(changes)


def _git(root: Path, *arguments: str) -> str | None:
    """Run git and return its output; ``None`` where it is absent or fails."""
    # A status that refreshes the index would write to a checkout that is only looked at.
    command = ("git", "--no-optional-locks", "-C", str(root), *arguments)
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
