"""Get filled pictures: from a method that is called, or from a folder that was filled elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Final, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from df8k.baselines import Inpainter, MethodFailedError
from df8k.leaderboard.calls.alteration import Alteration, remembered
from df8k.leaderboard.calls.compilation import without_compilation
from df8k.leaderboard.calls.hooks import lend_inputs
from df8k.leaderboard.calls.timing import Budget, CallTimes, TimedCall, repeat, timed_call, warm_up
from df8k.leaderboard.protocol.compositing import Compositor
from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.protocol.task import Task

_CONFIRMATIONS: Final = 5


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
    """Calls a method, and times it.

    Attributes:
        doubts: what makes the times doubtful, in words.
    """

    def __init__(self, inpaint: Inpainter, budget: Budget, now: Callable[[], float] = perf_counter) -> None:
        self._inpaint, self._budget, self._now = inpaint, budget, now
        self._warm: set[tuple[Size, tuple[int, ...]]] = set()
        self.doubts: list[str] = []

    def produce(self, task: Task, image_id: str, size: Size) -> Filled:  # noqa: ARG002 - a method knows no IDs
        """Call the method as often as the budget says; each new shape warms it up.

        The picture itself is answered once; all other runs are of altered pictures, see `Alteration`.
        """
        if not self._budget.timed:
            return self._answer(task)
        budget, alteration = self._budget, Alteration()
        # Every run composites into the same picture, so the known pixels need no copying.
        compositor = Compositor(task.target, task.mask)

        def altered(*, again: bool = False) -> TimedCall:
            image, mask = task.method_input()
            alteration.apply(image, mask, again=again)
            lent = lend_inputs(self._inpaint, image, mask)
            return timed_call(self._inpaint, *lent, compositor, self._now)

        def call(*, again: bool = False) -> CallTimes:
            made = without_compilation(partial(altered, again=again), lambda made: made.compiled)
            return made.times

        repeated_s = self._warm_up(task, size, lambda again: call(again=again).e2e_s)
        inputs = lend_inputs(self._inpaint, *task.method_input())
        first = timed_call(self._inpaint, *inputs, compositor, self._now)
        # A copy, because a method may write its next answer over this one.
        output, counted = first.output.copy(), None if first.compiled else first.times
        if cv2.norm(output, first.composited, cv2.NORM_INF, task.mask.view(np.uint8)):
            # What was composited inside the clock is what counts.
            raise MethodFailedError("wrong-output", "the picture changed after it was answered")
        del inputs, first
        times = repeat(counted or call(), call, lambda made: budget.is_spent([one.e2e_s for one in made]))
        if repeated_s is not None:
            self._doubt(size, [one.e2e_s for one in times], repeated_s, lambda again: call(again=again).e2e_s)
        models = [one.model_s for one in times if one.model_s is not None]
        return Filled(
            output,
            [one.e2e_s for one in times],
            models if len(models) == len(times) else [],
        )

    def _answer(self, task: Task) -> Filled:
        """Call the method once, for its picture alone."""
        inputs = lend_inputs(self._inpaint, *task.method_input())
        # A copy, because the picture may be scored while the method writes its next one.
        return Filled(timed_call(self._inpaint, *inputs, lambda output: output).output.copy())

    def _warm_up(self, task: Task, size: Size, run: Callable[[bool], float]) -> float | None:
        """Warm up until steady at the first picture of a size, and once at each new shape.

        Args:
            task: the picture.
            size: where it stands.
            run: makes a run of a picture that is altered anew, or ``True``, as in the run before.

        Returns:
            seconds of a run that was made before; ``None`` unless it is the first picture of the size.
        """
        runs = self._budget.warmup_runs
        shape = (size, task.mask.shape)
        if not runs or shape in self._warm:
            return None
        first = all(warmed != size for warmed, _ in self._warm)
        warm_up(lambda: run(False), runs=runs if first else 1, seconds=self._budget.warmup_s)
        self._warm.add(shape)
        return run(True) if first else None

    def _doubt(
        self, size: Size, seconds: list[float], repeated_s: float, run: Callable[[bool], float]
    ) -> None:
        """Ask several times before saying so: a busy machine may make any one call slow."""
        new, repeated = [*seconds], [repeated_s]
        for _ in range(_CONFIRMATIONS):
            if not remembered(max(repeated), new):
                return
            new.append(run(False))
            repeated.append(run(True))
        if remembered(max(repeated), new):
            self.doubts.append(
                f"at {size} calls that were made before took up to {1000 * max(repeated):.1f} ms, new ones "
                f"at least {1000 * min(new):.1f} ms: the method remembers its answers, and its times are "
                "those of altered pictures"
            )
