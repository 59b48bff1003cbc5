"""Run one session: load a method, call it cold, warm it up, time it, in a process that holds nothing else."""

import gc
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from df8k.baselines import Inpainter
from df8k.leaderboard.calls.alteration import Alteration
from df8k.leaderboard.calls.compilation import without_compilation
from df8k.leaderboard.calls.hooks import gpu_peak_bytes, lend_inputs
from df8k.leaderboard.calls.memory import MemoryPeak
from df8k.leaderboard.calls.timing import CallTimes, TimedCall, repeat, timed_call, warm_up
from df8k.leaderboard.protocol.compositing import Compositor

from .clock import Clock
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
class CountedRun(CallTimes):
    """One counted run.

    Attributes:
        input: index of the picture.
    """

    input: int


@dataclass(frozen=True, kw_only=True)
class Footprint:
    """Memory of one session; ``None`` where the system does not tell.

    Attributes:
        peak_bytes: highest resident memory of the process and its descendants, from their start; see
            `MemoryPeak`.
        call_bytes: highest resident memory of the counted calls above the memory before them.
        gpu_allocated_bytes: highest memory that torch's allocator handed out in the session.
        gpu_reserved_bytes: highest memory that it took from the device.
    """

    peak_bytes: int | None
    call_bytes: int | None
    gpu_allocated_bytes: int | None
    gpu_reserved_bytes: int | None


@dataclass(kw_only=True)
class Session:
    """Measurements of one session.

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
        repeated_s: a call that was made just before, once more; all others are of altered pictures.
        footprint: memory.
    """

    load_s: float = 0.0
    first_call_s: float = 0.0
    warmup_s: list[float] = field(default_factory=list)
    steady: bool | None = None
    runs: list[CountedRun] = field(default_factory=list)
    end: str = "complete"
    wall_s: float = 0.0
    others_cores: float | None = None
    stolen_cores: float | None = None
    busy_cores: float = 0.0
    output_moved: bool = False
    repeated_s: float | None = None
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
        self._alteration = Alteration()

    def call(self, index: int, *, again: bool = False) -> tuple[CountedRun, npt.NDArray[np.uint8]]:
        """Make one run, of an altered picture; the picture is the composited one.

        Compilation is part of it: the first call is timed so.

        Args:
            index: of the input.
            again: with the alteration of the run before.

        Raises:
            MethodFailedError: the method fails, or returns something else than a picture of that size.
        """
        made = self._make(index, again=again)
        return CountedRun(input=index, **vars(made.times)), made.composited

    def _make(self, index: int, *, again: bool = False) -> TimedCall:
        picture = self._inputs[index]
        lent = lend_inputs(self._method, picture.image, picture.mask, keep=True)
        self._alteration.apply(*lent, again=again)
        compositor = Compositor(picture.image, picture.mask, in_place=True)
        call = timed_call(self._method, *lent, compositor, self._clock.now)
        now = self._clock.now()
        if now - self._told > _TELL_S:
            self._told = now
            self._tell()
        return call

    def round(self) -> list[CountedRun]:
        """Run each input once; a run in which something was compiled is made again."""
        runs = []
        for index in range(len(self._inputs)):
            made = without_compilation(partial(self._make, index), lambda made: made.compiled)
            runs.append(CountedRun(input=index, **vars(made.times)))
        return runs


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
    warmed = warm_up(
        lambda: sum(run.e2e_s for run in timer.round()),
        runs=plan.warmup_rounds,
        seconds=plan.warmup_s,
        steady=plan.steady,
    )
    session.warmup_s, session.steady = warmed.seconds, warmed.steady
    _look_behind(timer, clock, session)
    gc.collect()
    peak = MemoryPeak(descendants=True)
    _count(timer, plan, clock, session)
    allocated, reserved = gpu_peak_bytes(method)
    session.footprint = Footprint(
        peak_bytes=peak.highest_bytes(),
        call_bytes=peak.call_bytes(),
        gpu_allocated_bytes=allocated,
        gpu_reserved_bytes=reserved,
    )
    session.repeated_s = timer.call(session.runs[-1].input, again=True)[0].e2e_s
    return session


def _look_behind(timer: Timer, clock: Clock, session: Session) -> None:
    """Look whether work goes on after a call has returned: it would be measured short."""
    _run, output = timer.call(0)
    before = zlib.crc32(np.ascontiguousarray(output).data)
    clock.sleep(_SPIN_S)
    used = clock.cpu()
    clock.sleep(_IDLE_S)
    session.busy_cores = (clock.cpu() - used) / _IDLE_S
    session.output_moved = zlib.crc32(np.ascontiguousarray(output).data) != before


def _count(timer: Timer, plan: Plan, clock: Clock, session: Session) -> None:
    busy, stolen = clock.machine()
    cpu, start = clock.cpu(), clock.now()

    spent = 0.0

    def is_enough(rounds: Sequence[list[CountedRun]]) -> bool:
        nonlocal spent
        spent += sum(run.e2e_s for run in rounds[-1])
        session.end = _end(rounds, spent, plan)
        return session.end != ""

    session.runs = [run for made in repeat(timer.round(), timer.round, is_enough) for run in made]
    session.wall_s = clock.now() - start
    now_busy, now_stolen = clock.machine()
    wall = max(session.wall_s, 1e-9)
    session.others_cores = max(0.0, (now_busy - busy) - (clock.cpu() - cpu)) / wall
    session.stolen_cores = None if stolen is None or now_stolen is None else (now_stolen - stolen) / wall


def _end(rounds: Sequence[Sequence[CountedRun]], spent: float, plan: Plan) -> str:
    """Tell what ends the counted runs; empty while they go on."""
    count = len(rounds) * len(rounds[0])
    if count >= plan.runs and spent >= plan.seconds:
        return "complete"
    if count >= plan.floor_runs:
        if max(run.e2e_s for run in rounds[-1]) > plan.slow_s:
            return "slow"
        if plan.limit_s is not None and spent >= plan.limit_s:
            return "limit"
    return ""
