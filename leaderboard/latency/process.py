"""Start a session in a fresh process, watch it, and tell how it ended."""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypedDict, cast

import numpy as np

from _df8k import system
from df8k.baselines import Limits, MethodFailedError
from df8k.baselines.adapters.process import WatchedProcess
from df8k.leaderboard.calls.failures import kind_and_message
from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.protocol.status import Status

from .inputs import Picture
from .plan import Plan
from .results import Series

_POLL_S: Final = 0.5
_START_S: Final = 120.0
# Beyond the method's own time-out, which a foreign method's worker reports itself.
_GRACE_S: Final = 5.0
# What a second, clean process may mend.
RETRIED: Final = frozenset({"out-of-memory", "timeout", "crash"})


class StagedInput(TypedDict):
    """Raw files of one picture.

    ``shape`` is ``(H, W)``; ``image`` and ``mask`` are paths of ``H * W * 3`` and ``H * W`` bytes.
    """

    shape: Sequence[int]
    image: str
    mask: str


class SessionRow(TypedDict, total=False):
    """One session, or a size that was left out, as the journal holds it; later fields need earlier success.

    ``card`` comes once the method was loaded; the fields below it, and those of `results.SessionRecord`, come
    from a session that ended well; ``environment`` from the one session that was asked for it.
    """

    series: Series
    size: Size
    inputs: list[str]
    hole_pixels: list[int]
    encode_s: float | None
    decode_s: float | None
    take: int
    turn: int
    attempts: int
    status: Status
    message: str
    process_s: float
    card: dict[str, Any]
    runs: list[dict[str, Any]]
    threads: dict[str, int | str | list[int]]
    environment: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Target:
    """Method to measure, and its bounds.

    Attributes:
        spec: the method's SPEC.
        device: torch device of registered methods and exported networks.
        python: interpreter of Python methods.
        strategy: how the method looks at pictures; see `baselines.Strategy`.
        threads: processors to pin the method to; ``None`` for all that are allowed.
        timeout_s: bound of a call, and of loading.
        memory_bytes: bound of resident memory; ``None`` for nine tenths of what is available.
        sandbox: whether a foreign method runs in a sandbox.
    """

    spec: str
    device: str = "cpu"
    python: str = sys.executable
    strategy: str = "native"
    threads: int | None = None
    timeout_s: float = 600.0
    memory_bytes: int | None = None
    sandbox: bool = False


class Attempt(Protocol):
    """Runs one session; see `attempt`."""

    def __call__(
        self,
        target: Target,
        plan: Plan,
        inputs: Sequence[StagedInput],
        memory_bytes: int,
        *,
        describe: bool = True,
    ) -> SessionRow:
        """See `attempt`."""
        ...


@contextmanager
def staged(pictures: Sequence[Picture]) -> Iterator[list[StagedInput]]:
    """Write raw files of the pictures as methods get them, in memory where there is room, for a while."""
    needed = sum(picture.task.target.nbytes + picture.task.mask.nbytes for picture in pictures)
    shared = system.SHARED_MEMORY
    roomy = shared.is_dir() and shutil.disk_usage(shared).free > 2 * needed
    with tempfile.TemporaryDirectory(prefix="df8k-", dir=shared if roomy else None) as folder:
        inputs: list[StagedInput] = []
        for number, picture in enumerate(pictures):
            image, mask = picture.task.method_input()
            paths = {name: str(Path(folder, f"{name}-{number}")) for name in ("image", "mask")}
            np.ascontiguousarray(image).tofile(paths["image"])
            np.ascontiguousarray(mask).tofile(paths["mask"])
            inputs.append({"shape": mask.shape, "image": paths["image"], "mask": paths["mask"]})
        yield inputs


def attempt(
    target: Target, plan: Plan, inputs: Sequence[StagedInput], memory_bytes: int, *, describe: bool = True
) -> SessionRow:
    """Run one session.

    Args:
        target: what is measured.
        plan: how often.
        inputs: see `staged`.
        memory_bytes: bound of resident memory.
        describe: whether the machine is described, which is asked of one session.

    Returns:
        Everything from ``status`` on; see `SessionRow`.
    """
    row: dict[str, Any] = {"status": "ok", "message": ""}
    try:
        command = _command(target, plan, inputs, describe=describe)
        row |= _answers(command, target.timeout_s, memory_bytes, row)
    except MethodFailedError as failure:
        killed = failure.kind == "crash" and "SIGKILL" in str(failure)
        kind, message = kind_and_message(failure)
        # Nobody else kills: it is what systems do when memory runs out.
        row |= {"status": "out-of-memory" if killed else kind, "message": message}
    return cast("SessionRow", row)


def _answers(command: list[str], timeout_s: float, memory_bytes: int, row: dict[str, Any]) -> dict[str, Any]:
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


def _command(target: Target, plan: Plan, inputs: Sequence[StagedInput], *, describe: bool) -> list[str]:
    setup = {
        "channel": "CHANNEL",
        "spec": target.spec,
        "device": target.device,
        "python": target.python,
        "strategy": target.strategy,
        "threads": target.threads,
        "limits": {
            "seconds": target.timeout_s,
            "start_seconds": target.timeout_s,
            "poll_s": _POLL_S,
            "sandbox": target.sandbox,
        },
        "plan": asdict(plan),
        "inputs": list(inputs),
        "describe": describe,
    }
    # The channel's number replaces the quoted word, so that the child reads an integer.
    text = json.dumps(setup).replace('"CHANNEL"', "{channel}")
    return [sys.executable, "-P", "-m", "df8k.leaderboard.latency.child", text]
