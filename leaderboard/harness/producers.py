"""Where filled pictures come from: a method that is called, or a folder that was filled elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from baselines import Inpainter
from leaderboard.calls.failures import kind_and_message
from leaderboard.calls.handing import hand_over
from leaderboard.calls.model_clock import model_seconds
from leaderboard.calls.synchronise import synchronise
from leaderboard.calls.timing import Budget, measure, warm_up
from leaderboard.protocol.sizes import Size
from leaderboard.protocol.task import Task


@dataclass(frozen=True)
class Produced:
    """An answer, before compositing.

    Attributes:
        output: uint8 RGB of the input's size.
        seconds: each counted run; empty when nothing was timed.
        peak_bytes: highest resident memory of a call above the memory before it; ``None`` when unknown.
        model_seconds: of each counted run, what the method says its network took; empty when it does not.
    """

    output: npt.NDArray[np.uint8]
    seconds: list[float] = field(default_factory=list)
    peak_bytes: int | None = None
    model_seconds: list[float] = field(default_factory=list)


class ProductionError(Exception):
    """There is no answer for one image; the run goes on.

    Attributes:
        status: kind of the failure, as results count it.
    """

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status


class Producer(Protocol):
    """Gives the answer for one image at one size."""

    def produce(self, task: Task, image_id: str, size: Size) -> Produced:
        """Produce the answer.

        Raises:
            ProductionError: there is none.
        """
        ...


class Caller:
    """Calls a method, and times it."""

    def __init__(self, inpaint: Inpainter, budget: Budget) -> None:
        self._inpaint, self._budget = inpaint, budget
        self._warm: set[Size] = set()

    def produce(self, task: Task, image_id: str, size: Size) -> Produced:  # noqa: ARG002 - a method knows no IDs
        """Call the method as often as the budget says; the first image of a size warms it up."""
        # Every run composites into the same picture, so the known pixels need no copying.
        canvas = task.target.copy()
        models: list[float | None] = []

        def prepare() -> Callable[[], npt.NDArray[np.uint8]]:
            image, mask = hand_over(self._inpaint, *task.method_input())

            def call() -> npt.NDArray[np.uint8]:
                start = perf_counter()
                output = self._call(task, image, mask)
                models.append(model_seconds(self._inpaint, perf_counter() - start))
                task.composite(output, canvas)  # part of what users wait for
                return output

            return call

        if size not in self._warm:
            warm_up(prepare, self._budget)
            self._warm.add(size)
        models.clear()
        measured = measure(prepare, self._budget)
        said = [found for found in models if found is not None]
        return Produced(
            measured.output, measured.seconds, measured.peak_bytes, said if len(said) == len(models) else []
        )

    def _call(
        self, task: Task, image: npt.NDArray[np.uint8], mask: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.uint8]:
        try:
            output = self._inpaint(image, mask)
            synchronise(self._inpaint)  # the picture is complete only now
        except Exception as error:  # a stranger's method may raise anything
            raise ProductionError(*kind_and_message(error)) from error
        return checked(output, task)


def checked(output: Any, task: Task) -> npt.NDArray[np.uint8]:
    """The answer, if it is a uint8 RGB picture of the input's size.

    Raises:
        ProductionError: it is something else.
    """
    found = np.asarray(output)
    if found.dtype != np.uint8 or found.shape != task.target.shape:
        wanted = f"expected uint8 {task.target.shape}"
        raise ProductionError("wrong-output", f"got {found.dtype} {found.shape}, {wanted}")
    return np.ascontiguousarray(found)  # such as a reversed view of its channels
