"""Measure a method's latency and memory over sizes; a killed measurement goes on where it stopped."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, TypedDict, cast

import cv2
import numpy as np
import psutil

from _df8k.files import sha256_of
from df8k.baselines.adapters.isolation.systems import check_system
from df8k.images import encode_png
from df8k.leaderboard.errors import LeaderboardError, refuse_existing
from df8k.leaderboard.protocol.sizes import LADDER, Size, extent, size_order
from df8k.leaderboard.results.environment import describe_environment
from df8k.leaderboard.results.journal import Journal, journal_path
from df8k.leaderboard.results.provenance import describe_provenance
from df8k.leaderboard.results.schema import Environment, Method, Provenance

from . import machine
from .inputs import Material, Picture, Procedural, hole_pixels, hole_series
from .plan import PROTOCOL_VERSION, TIERS, Plan
from .process import RETRIED, Attempt, SessionRow, StagedInput, Target, attempt, staged
from .results import LatencyProtocol, LatencyResult, samples_path, write_latency, write_samples
from .summary import by_hole, by_pixels
from .takes import Job, last_take, next_take, run_rows, summarise

Progress = Callable[[str, int, int | None], None]

# Hole areas are compared at the largest size up to this one: large enough to tell, small enough to repeat.
_AREA_PX: Final = 2048 * 2048


class Measurement:
    """One measurement of one method.

    Args:
        target: the method.
        sizes: sizes in pixels, each once.
        material: pictures to fill.
        plan: how often.
        takes: times at most that a size is measured, again where the machine spoilt it; see `takes`.
        areas: whether latency against hole area is measured too.
        command: the command line as it was typed, for the result.
        attempt: runs one session.

    Raises:
        LeaderboardError: no size, one twice, or native; no take.
    """

    def __init__(
        self,
        target: Target,
        sizes: Sequence[Size] = LADDER,
        *,
        material: Material | None = None,
        plan: Plan = TIERS["quick"],
        takes: int = 1,
        areas: bool = True,
        command: Sequence[str] | None = None,
        attempt: Attempt = attempt,
    ) -> None:
        if not sizes or len(set(sizes)) != len(sizes) or "native" in sizes:
            raise LeaderboardError(
                f"latency is measured at distinct sizes in pixels; got {', '.join(map(str, sizes)) or 'none'}"
            )
        if takes < 1:
            raise LeaderboardError(f"a size is measured at least once; got takes={takes}")
        self._target, self._plan, self._takes, self._command = target, plan, takes, command
        self._sizes = sorted(sizes, key=size_order)
        self._attempt = attempt
        self._material: Material = material or Procedural()
        self._area_size = _area_size(self._sizes) if areas else None
        self._jobs = [Job("ladder", size, plan.sessions) for size in self._sizes]
        if self._area_size is not None:
            self._jobs.append(Job("area", self._area_size, 1))

    def run(self, out: Path, *, overwrite: bool = False, progress: Progress | None = None) -> LatencyResult:
        """Measure, or go on, and write LATENCY.json with every run in a parquet file beside it.

        Raises:
            LeaderboardError: ``out`` is taken, the method changed on the way, or it cannot be loaded.
            MethodFailedError: the system is Windows.
        """
        check_system()  # a session is a process of its own
        if out.suffix != ".json":
            raise LeaderboardError(f"{out}: a result's name ends with .json")
        refuse_existing(out, overwrite=overwrite)
        with Journal(journal_path(out), self._head()) as journal:
            provenance = journal.session(describe_provenance(self._command))
            if not journal.rows:
                journal.add({"machine": machine.look().model_dump(mode="json")})
            for job in self._jobs:
                self._measure(job, journal, progress)
            result = self._result(journal, out, provenance)
            write_latency(result, out)
            journal.remove()
        return result

    def _head(self) -> dict[str, Any]:
        """Name the measurement: sessions of another one must not be mixed in."""
        return {
            "df8k": version("df8k"),
            "protocol": PROTOCOL_VERSION,
            "method": asdict(self._target),
            "plan": asdict(self._plan),
            "takes": self._takes,
            "sizes": self._sizes,
            "area size": self._area_size,
            "pictures": self._material.fingerprint,
        }

    def _measure(self, job: Job, journal: Journal, progress: Progress | None) -> None:
        """Run the sessions of a size that are not in the journal."""
        take = next_take(_sessions(journal), job, self._takes)
        if take is None:
            return
        pictures = self._material.pictures(job.size) if job.series == "ladder" else hole_series(job.size)
        common = {"series": job.series, "size": job.size, **_picture_facts(pictures)}
        if not pictures:
            message = f"no picture of {self._material.name} is large enough"
            journal.add({**common, "take": 1, "status": "left-out", "message": message, "attempts": 0})
            return
        with staged(pictures) as inputs:
            del pictures  # the method may need the memory
            while take is not None:
                turn = sum(row["take"] == take for row in last_take(_sessions(journal), job))
                # Describing the machine costs a second, once.
                described = any("environment" in earlier for earlier in journal.rows)
                row = self._session(inputs, describe=not described)
                journal.add({**common, "take": take, "turn": turn, **row})
                _check_card([earlier for earlier in _sessions(journal) if "card" in earlier])
                if progress is not None:
                    again = f", take {take}" if take > 1 else ""
                    progress(f"{job.series} {job.size}{again}", turn + 1, job.sessions)
                take = next_take(_sessions(journal), job, self._takes)

    def _session(self, inputs: Sequence[StagedInput], *, describe: bool) -> SessionRow:
        """Run one session; what a clean process may mend is tried once more."""
        row: SessionRow = {}
        for attempts in (1, 2):
            memory = self._target.memory_bytes or int(0.9 * psutil.virtual_memory().available)
            row = self._attempt(self._target, self._plan, inputs, memory, describe=describe)
            row["attempts"] = attempts
            if row["status"] not in RETRIED:
                break
        return row

    def _result(self, journal: Journal, out: Path, provenance: Provenance) -> LatencyResult:
        rows = _sessions(journal)
        card = next((row["card"] for row in rows if "card" in row), None)
        if card is None:
            reason = next((row["message"] for row in rows if row.get("message")), "nothing was measured")
            raise LeaderboardError(f"{self._target.spec} was not measured at any size: {reason}")
        good = [row for row in rows if row["status"] == "ok"]
        described = next((row for row in good if "environment" in row), None)
        told = {job: last_take(rows, job) for job in self._jobs}
        kept = [row for take in told.values() for row in take if row["status"] == "ok"]
        samples = [sample for row in kept for sample in run_rows(row)]
        write_samples(samples_path(out), samples)
        sizes = [summarise(take) for job, take in told.items() if job.series == "ladder"]
        areas = [summarise(take) for job, take in told.items() if job.series == "area"]
        return LatencyResult(
            method=self._method(card),
            protocol=self._protocol(),
            environment=Environment(**described["environment"]) if described else describe_environment(),
            machine=machine.MachineState(**journal.rows[0]["machine"]),
            threads=described["threads"] if described else {},
            provenance=provenance,
            sizes=sizes,
            area=areas[0] if areas else None,
            by_pixels=by_pixels(sizes),
            by_hole=by_hole([sample for sample in samples if sample["series"] == "area"]),
            samples_sha256=sha256_of(samples_path(out)),
        )

    def _method(self, card: dict[str, Any]) -> Method:
        """Describe the method by its card and the strategy, as results of quality do."""
        settings = {"strategy": "native"} | card["settings"]
        return Method(**card | {"settings": settings}, spec=self._target.spec, device=self._target.device)

    def _protocol(self) -> LatencyProtocol:
        return LatencyProtocol(
            **asdict(self._plan),
            takes=self._takes,
            sizes=list(self._sizes),
            area_size=self._area_size,
            material=self._material.name,
            material_fingerprint=self._material.fingerprint,
            timeout_s=self._target.timeout_s,
            memory_limit_bytes=self._target.memory_bytes,
        )


def _area_size(sizes: Sequence[Size]) -> Size:
    """Choose where hole areas are compared: the largest size within reach, else the smallest."""
    small = [size for size in sizes if (frame := extent(size)) and frame[0] * frame[1] <= _AREA_PX]
    return small[-1] if small else sizes[0]


def _sessions(journal: Journal) -> list[SessionRow]:
    """Read the sessions of a journal, whose first row tells the machine."""
    return cast("list[SessionRow]", journal.rows[1:])


class _PictureFacts(TypedDict):
    inputs: list[str]
    hole_pixels: list[int]
    encode_s: float | None
    decode_s: float | None


def _picture_facts(pictures: Sequence[Picture]) -> _PictureFacts:
    encode_s, decode_s = _file_times(pictures[0]) if pictures else (None, None)
    return {
        "inputs": [picture.name for picture in pictures],
        "hole_pixels": hole_pixels(pictures),
        "encode_s": encode_s,
        "decode_s": decode_s,
    }


def _file_times(picture: Picture) -> tuple[float, float]:
    """Time writing and reading a picture as PNG, in seconds: it stays outside every clock."""
    start = time.perf_counter()
    data = encode_png(picture.task.target)
    written = time.perf_counter()
    cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return written - start, time.perf_counter() - written


def _check_card(rows: Sequence[SessionRow]) -> None:
    if any(row["card"] != rows[0]["card"] for row in rows):
        raise LeaderboardError(
            "the method changed between two sessions: its version, weights or settings are not those of the "
            "first; delete the .partial.jsonl file and start anew"
        )
