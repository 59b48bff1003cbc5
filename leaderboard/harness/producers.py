"""Get filled pictures: from a method that is called, or from a folder that was filled elsewhere."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from baselines import Inpainter
from leaderboard.calls.hooks import lend_inputs
from leaderboard.calls.timing import Budget, TimedCall, repeat, timed_call, warm_up
from leaderboard.protocol.compositing import Compositor
from leaderboard.protocol.sizes import Size
from leaderboard.protocol.task import Task


@dataclass(frozen=True)
class Filled:
    """Filled picture, before compositing.

    Attributes:
        output: uint8 RGB of the input's size.
        seconds: each counted run; empty when nothing was timed.
        model_seconds: of each counted run, what the method says its network took; empty when it does not.
    """

    output: npt.NDArray[np.uint8]
    seconds: list[float] = field(default_factory=list)
    model_seconds: list[float] = field(default_factory=list)


class Producer(Protocol):
    """Gives the filled picture of one image at one size."""

    def produce(self, task: Task, image_id: str, size: Size) -> Filled:
        """Produce the picture.

        Raises:
            MethodFailedError: there is none; the run goes on.
        """
        ...


class Caller:
    """Calls a method, and times it."""

    def __init__(self, inpaint: Inpainter, budget: Budget) -> None:
        self._inpaint, self._budget = inpaint, budget
        self._warm: set[Size] = set()

    def produce(self, task: Task, image_id: str, size: Size) -> Filled:  # noqa: ARG002 - a method knows no IDs
        """Call the method as often as the budget says; the first image of a size warms it up."""
        budget = self._budget
        # Every run composites into the same picture, so the known pixels need no copying.
        compositor = Compositor(task.target, task.mask)

        def call() -> TimedCall:
            return timed_call(self._inpaint, *lend_inputs(self._inpaint, *task.method_input()), compositor)

        if size not in self._warm:
            warm_up(lambda: call().times.e2e_s, runs=budget.warmup_runs, seconds=budget.warmup_s)
            self._warm.add(size)
        inputs = lend_inputs(self._inpaint, *task.method_input())
        first = timed_call(self._inpaint, *inputs, compositor)
        del inputs
        times = repeat(
            first.times,
            lambda: call().times,
            lambda made: budget.is_spent([one.e2e_s for one in made]),
        )
        models = [one.model_s for one in times if one.model_s is not None]
        return Filled(
            first.output,
            [one.e2e_s for one in times],
            models if len(models) == len(times) else [],
        )
