"""Run one session in a fresh process, started by `run` as ``python -P -m df8k.leaderboard.latency.child``.

Everything heavy is imported after the threads are pinned. Answers are JSON lines on a channel of their own,
because a method may print.
"""

import json
import os
import sys
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .session import Input


def main() -> None:
    """Measure, and answer: ``ready``, ``card``, ``alive`` now and then, at last ``session`` or a failure."""
    from df8k.leaderboard.latency import threads

    setup = json.loads(sys.argv.pop())  # arguments are the method's, and it was given none
    count = threads.pin(setup["threads"])
    with os.fdopen(setup["channel"], "w") as channel:
        try:
            _measure(setup, count, channel)
        except BaseException as error:  # noqa: BLE001 - a foreign method may raise anything, SystemExit too
            _send(channel, _failure(error))


def _measure(setup: dict[str, Any], count: int, channel: IO[str]) -> None:
    from dataclasses import asdict

    from _df8k.threads import hold_threads
    from df8k.baselines import Inpainter, Limits, open_method

    from . import threads
    from .clock import SystemClock
    from .plan import Plan
    from .session import run_session

    inputs = _inputs(setup["inputs"])
    plan = Plan(**setup["plan"])
    _send(channel, {"ready": True})

    def load() -> Inpainter:
        return open_method(
            setup["spec"],
            device=setup["device"],
            python=setup["python"],
            limits=Limits(**setup["limits"]),
            strategy=setup["strategy"],
        )

    def loaded(method: Inpainter) -> None:
        hold_threads(count)
        _send(channel, {"card": asdict(method.card)})

    session = run_session(
        load, inputs, plan, SystemClock(), loaded=loaded, tell=lambda: _send(channel, {"alive": True})
    )
    in_force = threads.threads_in_force()
    environment = {"environment": _environment()} if setup["describe"] else {}
    _send(channel, {"session": asdict(session), "threads": in_force, **environment})


def _inputs(staged: list[dict[str, Any]]) -> "list[Input]":
    """Map the pictures, not read them: they are the harness's and should not count as the method's."""
    import numpy as np

    from .session import Input

    inputs = []
    for item in staged:
        height, width = item["shape"]
        image = np.memmap(item["image"], np.uint8, "r", shape=(height, width, 3))
        mask = np.memmap(item["mask"], np.bool_, "r", shape=(height, width))
        inputs.append(Input(np.asarray(image), np.asarray(mask)))
    return inputs


def _environment() -> dict[str, Any]:
    """Describe the machine as this process sees it: only here is the method's GPU known."""
    from df8k.leaderboard.results.environment import describe_environment

    return describe_environment().model_dump(mode="json")


def _failure(error: BaseException) -> dict[str, Any]:
    from df8k.leaderboard.calls.failures import kind_and_message

    kind, message = kind_and_message(error)
    return {"kind": kind, "message": message}


def _send(channel: IO[str], message: dict[str, Any]) -> None:
    channel.write(json.dumps(message, allow_nan=False) + "\n")
    channel.flush()


if __name__ == "__main__":
    main()
