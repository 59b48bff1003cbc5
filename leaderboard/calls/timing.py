"""Time single calls of a method: one timed region, one check, one warm-up, one repetition."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Final, TypeVar

import numpy as np

from df8k.baselines import Inpainter, MethodFailedError
from df8k.baselines.base import Image, Mask

from .compilation import compiled_so_far
from .failures import kind_and_message
from .hooks import confirm, model_seconds, synchronise

Outcome = TypeVar("Outcome")

# Two warm-up runs this close, relatively, end the warm-up.
STEADY: Final = 0.05


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Limits of how often a call is repeated.

    Attributes:
        warmup_runs: uncounted runs at most; they end early once two in a row differ by less than 5 %.
        warmup_s: seconds they may take; one run is always made.
        runs: counted runs per image at most.
        seconds: seconds they may take, once the least number of runs is made.
        least_runs: counted runs per image that are made however long they take; a published row rests on 5.

    See `UNTIMED` for the budget without any.
    """

    warmup_runs: int = 10
    warmup_s: float = 10.0
    runs: int = 5
    seconds: float = 1.0
    least_runs: int = 1

    @property
    def timed(self) -> bool:
        """Tell whether calls are timed at all."""
        return self.runs > 0

    def is_spent(self, seconds: Sequence[float]) -> bool:
        """Tell whether an image needs no further run after these."""
        if len(seconds) < self.least_runs:
            return False
        return len(seconds) >= self.runs or sum(seconds) >= self.seconds


# Each image is answered once, and nobody looks at the clock.
UNTIMED: Final = Budget(warmup_runs=0, warmup_s=0.0, runs=0, seconds=0.0, least_runs=0)


@dataclass(frozen=True, kw_only=True)
class CallTimes:
    """Times of one call.

    Attributes:
        e2e_s: from image and mask in memory to the composited picture in memory, synchronised.
        call_s: of that, the method's call, synchronised.
        model_s: of that, what the method says its network took; ``None`` where it does not tell.
    """

    e2e_s: float
    call_s: float
    model_s: float | None


@dataclass(frozen=True)
class TimedCall:
    """One call.

    Attributes:
        output: uint8 RGB ``(H, W, 3)``, as the compositor left it.
        composited: the same with the known pixels of the input; see `Compositor`.
        times: of the call.
        compiled: whether a kernel or a graph was compiled meanwhile: such times do not count.
    """

    output: Image
    composited: Image
    times: CallTimes
    compiled: bool = False


def timed_call(
    method: Inpainter,
    image: Image,
    mask: Mask,
    compositor: Callable[[Image], Image],
    now: Callable[[], float] = perf_counter,
) -> TimedCall:
    """Call a method once, check and composite its output, and take the times.

    Args:
        method: the method.
        image: uint8 RGB ``(H, W, 3)``, its hole zeroed; see `lend_inputs`.
        mask: bool ``(H, W)``, ``True`` = missing.
        compositor: of this image, such as a `Compositor`.
        now: monotonic seconds.

    Raises:
        MethodFailedError: the method raised, or returned something else than a picture of that size.
    """
    extent = mask.shape
    synchronise(method)
    before = compiled_so_far()
    start = now()
    try:
        returned = method(image, mask)
        synchronise(method)  # the picture is complete only now
    except Exception as error:  # a foreign method may raise anything
        raise MethodFailedError(*kind_and_message(error)) from error
    called = now()
    output = checked_output(returned, extent)
    composited = compositor(output)  # part of what users wait for
    end = now()
    confirm(method)
    model_s = model_seconds(method, called - start)
    times = CallTimes(e2e_s=end - start, call_s=called - start, model_s=model_s)
    return TimedCall(output, composited, times, compiled_so_far() != before)


def checked_output(returned: object, extent: tuple[int, ...]) -> Image:
    """Check that an output is a uint8 RGB picture of the input's size.

    Args:
        returned: by a method, or read from a file.
        extent: ``(H, W)`` of the input.

    Returns:
        The picture, contiguous in memory.

    Raises:
        MethodFailedError: it is something else.
    """
    output, shape = np.asarray(returned), (*extent, 3)
    if output.dtype != np.uint8 or output.shape != shape:
        raise MethodFailedError("wrong-output", f"got {output.dtype} {output.shape}, expected uint8 {shape}")
    return np.ascontiguousarray(output)  # such as a reversed view of its channels


@dataclass(frozen=True)
class WarmUp:
    """Uncounted runs.

    Attributes:
        seconds: of each.
        steady: whether the last two agreed; ``None`` where fewer were made.
    """

    seconds: list[float]
    steady: bool | None


def warm_up(run: Callable[[], float], *, runs: int, seconds: float, steady: float = STEADY) -> WarmUp:
    """Run until two runs in a row agree, or the budget is spent.

    Args:
        run: makes one run and returns its seconds.
        runs: at most.
        seconds: after which no further run begins; one is always made where ``runs`` allows it.
        steady: relative difference below which two runs agree.
    """
    spent: list[float] = []
    agree = None
    while len(spent) < runs and not agree and (not spent or sum(spent) < seconds):
        spent.append(run())
        if len(spent) > 1:
            agree = abs(spent[-1] - spent[-2]) < steady * spent[-2]
    return WarmUp(spent, agree)


def repeat(
    first: Outcome, run: Callable[[], Outcome], is_enough: Callable[[Sequence[Outcome]], bool]
) -> list[Outcome]:
    """Repeat a run until its outcomes are enough.

    Args:
        first: outcome of the first run, which is always made.
        run: makes one more.
        is_enough: asked after each run.
    """
    outcomes = [first]
    while not is_enough(outcomes):
        outcomes.append(run())
    return outcomes
