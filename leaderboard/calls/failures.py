"""Name the failures of a method as results count them."""

import sysconfig
import traceback
from functools import cache
from pathlib import Path

import _df8k
from df8k.baselines import MethodFailedError
from df8k.leaderboard.protocol.status import Failure, failure_of


def kind_and_message(error: BaseException) -> tuple[Failure, str]:
    """Tell the kind of a failure, as results count it, and its message, with the line of a user's code."""
    if isinstance(error, MethodFailedError):
        return failure_of(error.kind), str(error)
    # torch's own error by name, so that classical methods run without torch.
    out_of_memory = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    message = f"{type(error).__name__}: {error}{_line_of(error)}"
    return "out-of-memory" if out_of_memory else "error", message


def _line_of(error: BaseException) -> str:
    """Name the last line of the user's own code that an error came through; its file without its folder."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if not any(folder in path.resolve().parents for folder in _others()):
            return f" ({path.name}, line {frame.lineno})"
    return ""


@cache
def _others() -> tuple[Path, ...]:
    """Folders of Python, of installed packages and of this one."""
    site = Path(_df8k.__file__).resolve().parent.parent
    # In a checkout the four packages are links.
    parts = ("_df8k", "df8k", "df8k/baselines", "df8k/leaderboard", "df8k/masks", "df8k/metrics")
    own = [(site / part).resolve() for part in parts]
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    return tuple(own + [Path(sysconfig.get_path(name)).resolve() for name in names])
