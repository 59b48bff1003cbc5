"""Latency of the page in a browser, by the same protocol and into the same file as `df8k latency`.

Every session is a fresh browser with a fresh profile, which gets pictures and plan from this process, times
its calls on its own clock, and sends its times and filled pictures back. Those are compared with Python's.
"""

import os
import queue
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, cast

import numpy as np

from df8k import baselines
from df8k.leaderboard.latency.clock import processor_times
from df8k.leaderboard.latency.plan import Plan
from df8k.leaderboard.latency.process import SessionRow, StagedInput, Target
from df8k.leaderboard.results.environment import describe_environment

from .browser import Browser, opened
from .job import Job, JobHandler
from .reference import AGREEING, Reference
from .server import make_server

_RUNNING: Final = (
    "page_s",
    "download_s",
    "threads",
    "isolated",
    "processors",
    "browser",
    "runtime",
    "agreement",
)


class BrowserSessions:
    """Runs sessions in a browser; an `leaderboard.latency.process.Attempt`.

    Args:
        program: the browser.
        app: folder with the page.
    """

    def __init__(self, program: str, app: Path) -> None:
        self._program, self._app = program, app
        self._reference = Reference()

    def __call__(
        self,
        target: Target,
        plan: Plan,
        inputs: Sequence[StagedInput],
        memory_bytes: int,  # noqa: ARG002 - browsers bound their memory themselves
        *,
        describe: bool = True,
    ) -> SessionRow:
        """Run one session; see `leaderboard.latency.process.attempt`."""
        watch = _Watch()
        job = Job(plan, inputs, target.threads or os.cpu_count() or 1, watch.mark)
        with _serving(self._app, job) as server:
            address = f"http://127.0.0.1:{server.server_address[1]}/measure.html#job"
            start = time.perf_counter()
            with opened(self._program, address) as browser:
                watch.browser = browser
                try:
                    report = _report(job, browser, target.timeout_s)
                except baselines.MethodFailedError as failure:
                    return {
                        "status": "timeout" if failure.kind == "timeout" else "crash",
                        "message": str(failure),
                    }
        row: dict[str, Any] = {"status": "ok", "message": "", "process_s": (job.began or start) - start}
        if "failure" in report:
            kind = "out-of-memory" if report.get("memory") else "error"
            return cast("SessionRow", row | {"status": kind, "message": str(report["failure"])})
        row["card"] = self._card(report)
        if fault := self._fault(job):
            return cast("SessionRow", row | {"status": "wrong-output", "message": fault})
        row |= {name: value for name, value in report.items() if name not in _RUNNING}
        row["runs"] = [run | {"call_s": run["e2e_s"]} for run in report["runs"]]
        row |= watch.figures()
        row["threads"] = {name: int(report[name]) for name in ("threads", "isolated", "processors")}
        if describe:
            row["environment"] = _environment(report)
        return cast("SessionRow", row)

    def _card(self, report: Mapping[str, Any]) -> dict[str, Any]:
        """Describe the method as it ran: the same weights and settings in another runtime."""
        card = self._reference.card
        threads = "1 thread" if report["threads"] == 1 else f"{report['threads']} threads"
        settings = {
            **card.settings,
            "backend": f"onnxruntime-web {report['runtime']}, WebAssembly, {threads}",
        }
        summary = f"{card.summary}; in a browser"
        return asdict(replace(card, name=f"{card.name}-browser", summary=summary, settings=settings))

    def _fault(self, job: Job) -> str:
        """Compare what the page filled with Python's result; empty where they agree."""
        for number, staged in enumerate(job.inputs):
            height, width = staged["shape"]
            image = np.fromfile(staged["image"], np.uint8).reshape(height, width, 3)
            mask = np.fromfile(staged["mask"], np.bool_).reshape(height, width)
            sent = np.frombuffer(job.filled.get(number, b""), np.uint8)
            if sent.size != 4 * mask.size:
                return f"picture {number}: the page sent no filled picture of its size"
            filled = sent.reshape(height, width, 4)[..., :3]
            agreement = self._reference(image, mask).agreement(filled, image, mask)
            if agreement < AGREEING:
                return (
                    f"picture {number}: {100 * agreement:.2f} % of its hole agree with Python; "
                    f"{100 * AGREEING:g} % of the hole and all known pixels must"
                )
        return ""


class _Watch:
    """What the machine and the browser used, around the counted runs and in the rest before them."""

    def __init__(self) -> None:
        self.browser: Browser | None = None
        self._marks: dict[str, tuple[float, float, float | None, float]] = {}
        self._peak_bytes: int | None = None

    def mark(self, name: str) -> None:
        if self.browser is None:
            return
        self._marks[name] = (time.perf_counter(), *processor_times(), self.browser.cpu_s())
        self._peak_bytes = self.browser.peak_bytes()

    def figures(self) -> dict[str, object]:
        start, busy, stolen, used = self._marks["begin"]
        end, now_busy, now_stolen, now_used = self._marks["end"]
        wall = max(end - start, 1e-9)
        rest, rested = self._marks["rest"], self._marks["rested"]
        lost = None if stolen is None or now_stolen is None else (now_stolen - stolen) / wall
        return {
            "others_cores": max(0.0, (now_busy - busy) - (now_used - used)) / wall,
            "stolen_cores": lost,
            "busy_cores": (rested[3] - rest[3]) / max(rested[0] - rest[0], 1e-9),
            "peak_bytes": self._peak_bytes,
            "call_bytes": None,
            "gpu_allocated_bytes": None,
            "gpu_reserved_bytes": None,
        }


@contextmanager
def _serving(app: Path, job: Job) -> Iterator[ThreadingHTTPServer]:
    with make_server(app, "127.0.0.1", 0, handler=partial(JobHandler, job=job)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def _report(job: Job, browser: Browser, timeout_s: float) -> Mapping[str, Any]:
    """Wait for the page's report, or for a message within the time-out again and again.

    Raises:
        MethodFailedError: the browser ended, or is silent for longer than the time-out.
    """
    silent_since = time.monotonic()
    while time.monotonic() - silent_since < timeout_s:
        try:
            name, report = job.messages.get(timeout=1.0)
        except queue.Empty:
            if browser.ended:
                raise baselines.MethodFailedError("crash", "the browser ended by itself") from None
            continue
        silent_since = time.monotonic()
        if name == "report":
            return report
    raise baselines.MethodFailedError("timeout", f"the browser said nothing for {timeout_s:g} s")


def _environment(report: Mapping[str, Any]) -> dict[str, Any]:
    """Describe this machine with the browser on it."""
    machine = describe_environment()
    libraries = {"browser": str(report["browser"]), "onnxruntime-web": str(report["runtime"])}
    described = machine.model_copy(
        update={
            "cpu": f"{machine.cpu}, in a browser",
            "threads": int(report["threads"]),
            "libraries": {**machine.libraries, **libraries},
        }
    )
    return described.model_dump(mode="json")
