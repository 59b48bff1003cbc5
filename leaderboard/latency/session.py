"""One session: load a method, call it cold, warm it up, time it; in a process that holds nothing else."""

import gc
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from baselines import Inpainter, MethodFailedError
from leaderboard.calls.handing import hand_over
from leaderboard.calls.model_clock import model_seconds
from leaderboard.calls.synchronise import synchronise

from .clock import Clock
from .footprint import Footprint, Watch
from .plan import Plan

# Threads that wait for the next parallel loop may spin for 200 ms; work that is left lasts longer.
_SPIN_S: Final = 0.25
_IDLE_S: Final = 0.5
_TELL_S: Final = 2.0


@dataclass(frozen=True)
class Input:
    """One picture to fill, as the method gets it.

    Attributes:
        image: uint8 RGB ``(H, W, 3)``, its hole zeroed; never handed out itself.
        mask: bool ``(H, W)``, ``True`` = missing.
    """

    image: npt.NDArray[np.uint8]
    mask: npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Run:
    """One counted run.

    Attributes:
        input: index of the picture.
        e2e_s: from image and mask in memory to the composited picture in memory.
        call_s: of that, the method's call, synchronised.
        model_s: of that, what the method says its network took.
    """

    input: int
    e2e_s: float
    call_s: float
    model_s: float | None


@dataclass(kw_only=True)
class Session:
    """What one session measured.

    Attributes:
        load_s: opening the method: imports, weights, transfer to the device.
        first_call_s: the first call, end to end: compilation, allocation, autotuning.
        warmup_s: totals of the warm-up rounds.
        steady: whether the last two of them agreed; ``None`` where only one was made.
        runs: the counted runs, in order.
        end: what ended them: ``complete``, ``slow`` (the floor of runs sufficed) or ``limit``.
        wall_s: from the first counted run to the end of the last, with what stood between them.
        others_cores: cores that other programs used meanwhile, on average.
        stolen_cores: cores that the host of a virtual machine gave to others meanwhile.
        busy_cores: cores that the method still used after a call had returned.
        output_moved: whether a returned picture changed afterwards.
        footprint: memory.
    """

    load_s: float = 0.0
    first_call_s: float = 0.0
    warmup_s: list[float] = field(default_factory=list)
    steady: bool | None = None
    runs: list[Run] = field(default_factory=list)
    end: str = "complete"
    wall_s: float = 0.0
    others_cores: float | None = None
    stolen_cores: float | None = None
    busy_cores: float = 0.0
    output_moved: bool = False
    footprint: Footprint | None = None


class Timer:
    """Makes calls and times them.

    Args:
        method: the method.
        inputs: its pictures.
        clock: where times come from.
        tell: called between runs, now and then, so that a watcher knows a hang from a long measurement.
    """

    def __init__(
        self, method: Inpainter, inputs: Sequence[Input], clock: Clock, tell: Callable[[], None]
    ) -> None:
        self._method, self._inputs, self._clock, self._tell = method, inputs, clock, tell
        self._told = clock.now()

    def call(self, index: int) -> tuple[Run, npt.NDArray[np.uint8]]:
        """One run, and the composited picture.

        Raises:
            MethodFailedError: the method fails, or returns something else than a picture of that size.
        """
        given = self._inputs[index]
        image, mask = hand_over(self._method, given.image, given.mask, keep=True)
        known = np.bitwise_not(given.mask).view(np.uint8)
        synchronise(self._method)
        start = self._clock.now()
        found: Any = self._method(image, mask)
        synchronise(self._method)
        output = np.asarray(found)
        called = self._clock.now()
        _check(output, given.image)
        output = composite(output, given.image, known)
        end = self._clock.now()
        if end - self._told > _TELL_S:
            self._told = end
            self._tell()
        return Run(
            input=index,
            e2e_s=end - start,
            call_s=called - start,
            model_s=model_seconds(self._method, called - start),
        ), output

    def round(self) -> list[Run]:
        """Each input once."""
        return [self.call(index)[0] for index in range(len(self._inputs))]


def composite(
    output: npt.NDArray[np.uint8], image: npt.NDArray[np.uint8], known: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    """Put the known pixels back, in the method's own array where it may be written.

    Args:
        output: uint8 ``(H, W, 3)``.
        image: what the method got.
        known: uint8 ``(H, W)``, not zero where pixels are known.
    """
    if not (output.flags.writeable and output.flags.c_contiguous):
        output = output.copy()
    cv2.copyTo(image, known, output)
    return output


def _check(output: npt.NDArray[Any], image: npt.NDArray[np.uint8]) -> None:
    if output.dtype != np.uint8 or output.shape != image.shape:
        raise MethodFailedError(
            "wrong-output", f"returned {output.dtype} {output.shape}, expected uint8 {image.shape}"
        )


def run_session(
    load: Callable[[], Inpainter],
    inputs: Sequence[Input],
    plan: Plan,
    clock: Clock,
    *,
    loaded: Callable[[Inpainter], None] = lambda _method: None,
    tell: Callable[[], None] = lambda: None,
) -> Session:
    """Measure one method on its inputs.

    Args:
        load: opens the method.
        inputs: pictures of one size, at least one.
        plan: how often.
        clock: where times come from.
        loaded: called with the method before its first call, outside every clock.
        tell: see `Timer`.

    Raises:
        MethodFailedError: the method fails.
    """
    session = Session()
    start = clock.now()
    method = load()
    session.load_s = clock.now() - start
    loaded(method)
    timer = Timer(method, inputs, clock, tell)
    session.first_call_s = timer.call(0)[0].e2e_s
    _warm_up(timer, plan, session)
    _look_behind(timer, clock, session)
    gc.collect()
    watch = Watch(method)
    _count(timer, plan, clock, session)
    session.footprint = watch.footprint()
    return session


def _warm_up(timer: Timer, plan: Plan, session: Session) -> None:
    spent = session.warmup_s
    while len(spent) < plan.warmup_rounds and (not spent or sum(spent) < plan.warmup_s):
        spent.append(sum(run.e2e_s for run in timer.round()))
        if len(spent) > 1:
            session.steady = abs(spent[-1] - spent[-2]) < plan.steady * spent[-2]
        if session.steady:
            return


def _look_behind(timer: Timer, clock: Clock, session: Session) -> None:
    """Whether work goes on after a call has returned: it would be measured short."""
    _run, output = timer.call(0)
    before = zlib.crc32(np.ascontiguousarray(output).data)
    clock.sleep(_SPIN_S)
    used = clock.cpu()
    clock.sleep(_IDLE_S)
    session.busy_cores = (clock.cpu() - used) / _IDLE_S
    session.output_moved = zlib.crc32(np.ascontiguousarray(output).data) != before


def _count(timer: Timer, plan: Plan, clock: Clock, session: Session) -> None:
    busy, stolen = clock.machine()
    own, start = clock.cpu(), clock.now()
    spent = 0.0
    while True:
        made = timer.round()
        session.runs += made
        spent += sum(run.e2e_s for run in made)
        count = len(session.runs)
        if count >= plan.runs and spent >= plan.seconds:
            break
        if count >= plan.floor_runs:
            if max(run.e2e_s for run in made) > plan.slow_s:
                session.end = "slow"
                break
            if plan.limit_s is not None and spent >= plan.limit_s:
                session.end = "limit"
                break
    session.wall_s = clock.now() - start
    now_busy, now_stolen = clock.machine()
    wall = max(session.wall_s, 1e-9)
    session.others_cores = max(0.0, (now_busy - busy) - (clock.cpu() - own)) / wall
    session.stolen_cores = None if stolen is None or now_stolen is None else (now_stolen - stolen) / wall
