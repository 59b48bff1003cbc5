"""Start a session in a fresh process, watch it, and say how it ended."""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from baselines import Limits, MethodFailedError
from baselines.adapters.process import WatchedProcess

from .inputs import Picture
from .plan import Plan

_POLL_S: Final = 0.5
_START_S: Final = 120.0
# Beyond the method's own time-out, which a foreign method's worker reports itself.
_GRACE_S: Final = 5.0
# What a second, clean process may mend.
RETRIED: Final = frozenset({"out-of-memory", "timeout", "crash"})

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is measured, and within which bounds.

    Attributes:
        spec: the method's SPEC.
        device: torch device of registered methods and exported networks.
        python: interpreter of Python methods.
        strategy: how the method looks at pictures; see `baselines.Strategy`.
        threads: processors to pin the method to; ``None`` for all that are allowed.
        timeout_s: bound of a call, and of loading.
        memory_bytes: bound of resident memory; ``None`` for nine tenths of what is available.
    """

    spec: str
    device: str = "cpu"
    python: str = sys.executable
    strategy: str = "native"
    threads: int | None = None
    timeout_s: float = 600.0
    memory_bytes: int | None = None


@contextmanager
def staged(pictures: Sequence[Picture]) -> Iterator[list[dict[str, Any]]]:
    """Raw files of the pictures as methods get them, in memory where there is room, removed afterwards."""
    needed = sum(picture.task.target.nbytes + picture.task.mask.nbytes for picture in pictures)
    shared = Path("/dev/shm")  # noqa: S108 - the folder made below is private
    roomy = shared.is_dir() and shutil.disk_usage(shared).free > 2 * needed
    with tempfile.TemporaryDirectory(prefix="df8k-", dir=shared if roomy else None) as folder:
        given = []
        for number, picture in enumerate(pictures):
            image, mask = picture.task.method_input()
            paths = {name: str(Path(folder, f"{name}-{number}")) for name in ("image", "mask")}
            np.ascontiguousarray(image).tofile(paths["image"])
            np.ascontiguousarray(mask).tofile(paths["mask"])
            given.append({"shape": mask.shape, **paths})
        yield given


def attempt(
    target: Target, plan: Plan, given: Sequence[dict[str, Any]], memory_bytes: int, *, describe: bool = True
) -> Row:
    """Run one session.

    Args:
        target: what is measured.
        plan: how often.
        given: see `staged`.
        memory_bytes: bound of resident memory.
        describe: whether the machine is described, which is asked of one session.

    Returns:
        ``status`` and ``message``; ``card`` once the method was loaded; of a session that ended well also its
        fields, ``runs``, ``process_s``, ``threads`` and, where asked for, ``environment``.
    """
    row: Row = {"status": "ok", "message": ""}
    try:
        command = _command(target, plan, given, describe=describe)
        row |= _answers(command, target.timeout_s, memory_bytes, row)
    except MethodFailedError as failure:
        killed = failure.kind == "crash" and "SIGKILL" in str(failure)
        # Nobody else kills: it is what systems do when memory runs out.
        row |= {"status": "out-of-memory" if killed else failure.kind, "message": str(failure)}
    return row


def _answers(command: list[str], timeout_s: float, memory_bytes: int, row: Row) -> Row:
    start = time.perf_counter()
    process = WatchedProcess(command, Limits(memory_bytes=memory_bytes, poll_s=_POLL_S))
    try:
        process.answer(_START_S)
        row["process_s"] = time.perf_counter() - start
        while True:
            reply = process.answer(timeout_s + _GRACE_S)
            if "kind" in reply:
                raise MethodFailedError(str(reply["kind"]), str(reply["message"]))
            if "card" in reply:
                row["card"] = reply["card"]
            if "session" in reply:
                session = reply.pop("session")
                return {**session, **session.pop("footprint"), **reply}
    finally:
        process.end()


def _command(target: Target, plan: Plan, given: Sequence[dict[str, Any]], *, describe: bool) -> list[str]:
    setup = {
        "channel": "CHANNEL",
        "spec": target.spec,
        "device": target.device,
        "python": target.python,
        "strategy": target.strategy,
        "threads": target.threads,
        "limits": {"seconds": target.timeout_s, "start_seconds": target.timeout_s, "poll_s": _POLL_S},
        "plan": asdict(plan),
        "inputs": list(given),
        "describe": describe,
    }
    # The channel's number replaces the quoted word, so that the child reads an integer.
    text = json.dumps(setup).replace('"CHANNEL"', "{channel}")
    return [sys.executable, "-P", "-m", "leaderboard.latency.child", text]
