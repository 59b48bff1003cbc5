"""Latency results as text; their figures stand in tables of their own, never among those of quality."""

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from df8k.leaderboard.latency.results import LatencyResult, SizeLatency
from df8k.leaderboard.protocol.sizes import size_order
from df8k.leaderboard.results.schema import Method
from df8k.leaderboard.statistics.scaling import Fit

from .grid import Cell, Grid, markdown, milliseconds, one_line, spreadsheet_safe

HEADER: Final = (
    "size",
    "method",
    "device",
    "p50, ms",
    "p90, ms",
    "model p50, ms",
    "cold, s",
    "peak, MB",
    "call, MB",
    "GPU, MB",
    "runs",
    "sessions differ, %",
    "state",
)
# Rows of one size stand in this order.
DEVICE_CLASSES: Final = ("GPU", "CPU", "browser", "phone")
# As browsers call themselves on phones and tablets.
_HANDHELD: Final = re.compile(r"Mobi|Android|iPhone|iPad")
SCALING_HEADER: Final = ("method", "exponent in pixels", "R²", "ns per missing pixel", "fixed, ms", "at size")


def rows(results: Sequence[LatencyResult]) -> list[tuple[LatencyResult, SizeLatency]]:
    """List every size of every result, by size, then class of device, then name."""
    pairs = [(result, size_latency) for result in results for size_latency in result.sizes]

    def order(pair: tuple[LatencyResult, SizeLatency]) -> tuple[object, ...]:
        result, size_latency = pair
        return size_order(size_latency.size), DEVICE_CLASSES.index(device_class(result)), result.method.name

    return sorted(pairs, key=order)


def device_class(result: LatencyResult) -> str:
    """Tell what kind of device a method ran on, one of `DEVICE_CLASSES`."""
    if result.method.device == "browser":
        handheld = _HANDHELD.search(result.environment.libraries.get("browser", ""))
        return "phone" if handheld else "browser"
    return "CPU" if result.environment.gpu is None or result.method.device == "cpu" else "GPU"


def ladder_grid(results: Sequence[LatencyResult], scored: Callable[[Method], bool] | None = None) -> Grid:
    """Lay out a row per size and method; what was not measured is a dash, what failed says how.

    Args:
        results: one per method.
        scored: whether the quality of that artefact stands beside the table; ``None`` leaves the column out.
    """
    measured = rows(results)
    cells = [[Cell(text) for text in _texts(result, size_latency)] for result, size_latency in measured]
    header, text_columns = [*HEADER], {1, 2, len(HEADER) - 1}
    if scored is not None:
        header.append("quality of it on this board")
        text_columns.add(len(HEADER))
        for row, (result, _) in zip(cells, measured, strict=True):
            row.append(Cell("yes" if scored(result.method) else "no"))
    breaks = {i for i in range(1, len(measured)) if measured[i][1].size != measured[i - 1][1].size}
    return Grid(header, cells, frozenset(text_columns), frozenset(breaks), latency_note(results))


def _texts(result: LatencyResult, size_latency: SizeLatency) -> list[str]:
    """Format one size in the order of `HEADER`."""
    sessions, e2e, model = size_latency.sessions, size_latency.e2e, size_latency.model
    cold = [session.process_s + session.load_s + session.first_call_s for session in sessions]
    spread = size_latency.repeatability
    return [
        str(size_latency.size),
        result.method.name,
        device_class(result),
        "–" if e2e is None else milliseconds(e2e.p50_s),
        "–" if e2e is None else milliseconds(e2e.p90_s),
        "–" if model is None else milliseconds(model.p50_s),
        f"{max(cold):.2f}" if cold else "–",
        _megabytes([session.peak_bytes for session in sessions]),
        _megabytes([session.call_bytes for session in sessions]),
        _megabytes([session.gpu_reserved_bytes for session in sessions]),
        "–" if e2e is None else str(e2e.n),
        "–" if spread is None else f"{100 * spread:.1f}",
        ", ".join([size_latency.status, *_take(size_latency), *size_latency.flags]),
    ]


def _take(size_latency: SizeLatency) -> list[str]:
    """Name the take that is told, where it is not the first."""
    return [f"take {size_latency.takes}"] if size_latency.takes > 1 else []


def _megabytes(byte_counts: Sequence[int | None]) -> str:
    known = [count for count in byte_counts if count is not None]
    return f"{max(known) / 1e6:.0f}" if known else "–"


def scaling_grid(results: Sequence[LatencyResult]) -> Grid:
    """Lay out how latency grows, a row per method, with 95 % intervals."""
    cells = []
    for result in sorted(results, key=lambda result: result.method.name):
        pixels, hole = result.by_pixels, result.by_hole
        texts = [
            result.method.name,
            "–" if pixels is None else with_interval(pixels, 1.0, 2),
            "–" if pixels is None else f"{pixels.r2:.3f}",
            "–" if hole is None else with_interval(hole, 1e9, 1),
            # A line that meets zero hole below zero seconds says nothing of a fixed cost.
            "–" if hole is None or hole.intercept < 0 else f"{hole.intercept * 1e3:.1f}",
            "–" if result.area is None else str(result.area.size),
        ]
        cells.append([Cell(text) for text in texts])
    text = "Exponent 1: proportional to pixels. Least squares; in brackets 95 % intervals of Student's t."
    return Grid(SCALING_HEADER, cells, frozenset({0}), frozenset(), text)


def latency_markdown(results: Sequence[LatencyResult]) -> str:
    """Write both tables as Markdown, with what failed and the meaning of the flags."""
    remarks = "".join(f"- {one_line(remark)}\n" for remark in latency_remarks(results))
    return "\n".join(filter(None, [markdown(ladder_grid(results)), remarks, markdown(scaling_grid(results))]))


def with_interval(fit: Fit, factor: float, digits: int) -> str:
    """Format a slope in the unit shown, with its interval where it has one."""
    text = f"{fit.slope * factor:.{digits}f}"
    if fit.low is None or fit.high is None:
        return text
    return f"{text} [{fit.low * factor:.{digits}f}, {fit.high * factor:.{digits}f}]"


def latency_note(results: Sequence[LatencyResult]) -> str:
    """Summarise in one line what measured the figures: protocol, pictures and machines."""
    protocols = [
        f"Latency protocol {version}, {tier}"
        for version, tier in sorted({(r.protocol.version, r.protocol.tier) for r in results})
    ]
    machines = sorted({_processor(result) for result in results})
    material = sorted({result.protocol.material for result in results})
    return one_line(f"{'; '.join(protocols)}; pictures: {', '.join(material)}; {'; '.join(machines)}.")


def _processor(result: LatencyResult) -> str:
    environment = result.environment
    return f"{environment.gpu or environment.cpu}, {environment.threads} threads"


def latency_conditions(result: LatencyResult) -> str:
    """Describe method, artefact, strategy, machine and its state in one line."""
    method, environment, state = result.method, result.environment, result.machine
    words = [f"{method.name} {method.version}", f"strategy {_strategy(result)}"]
    side = method.settings.get("working_resolution_px", method.settings.get("working_resolution"))
    words += [] if side is None else [f"network at {side} px"]
    words += [] if method.weights_sha256 is None else [f"weights {method.weights_sha256[:12]}"]
    words += [_processor(result), *_gibibytes(environment.memory_bytes)]
    words += [environment.system]
    words += [f"Python {environment.python}"] if environment.python else []
    words += [f"{name} {version}" for name, version in environment.libraries.items()]
    words += [] if state.busy_cores is None else [f"{state.busy_cores:.1f} cores busy before"]
    words += [] if state.governor is None else [f"governor {state.governor}"]
    words += [] if state.mhz is None else [f"{state.mhz:.0f} MHz"]
    return ", ".join(words)


def _gibibytes(memory_bytes: int) -> list[str]:
    """Write the memory of a machine; browsers may not tell it."""
    return [f"{memory_bytes / 2**30:.0f} GiB"] if memory_bytes else []


def latency_record(result: LatencyResult, size_latency: SizeLatency) -> dict[str, Any]:
    """Flatten one size for CSV and JSON, in SI units."""
    method = result.method
    record: dict[str, Any] = {
        "size": size_latency.size,
        "width": size_latency.width,
        "height": size_latency.height,
        "method": method.name,
        "method_version": method.version,
        "weights_sha256": method.weights_sha256,
        "strategy": _strategy(result),
        "status": size_latency.status,
        "takes": size_latency.takes,
        "flags": " ".join(size_latency.flags),
        "message": size_latency.message,
    }
    for name, spread in (
        ("e2e", size_latency.e2e),
        ("call", size_latency.call),
        ("model", size_latency.model),
    ):
        values = {} if spread is None else spread.model_dump()
        for key in ("n", "p50_s", "p90_s", "p99_s", "mean_s", "deviation_s", "least_s"):
            record[f"{name}.{key}"] = values.get(key)
    sessions = size_latency.sessions
    for key in ("process_s", "load_s", "first_call_s"):
        seconds = sorted(getattr(session, key) for session in sessions)
        record[key] = seconds[len(seconds) // 2] if seconds else None
    for key in ("peak_bytes", "call_bytes", "gpu_allocated_bytes", "gpu_reserved_bytes"):
        known = [count for session in sessions if (count := getattr(session, key)) is not None]
        record[key] = max(known) if known else None
    fit, hole = result.by_pixels, result.by_hole
    return record | {
        "repeatability": size_latency.repeatability,
        "hole_pixels": " ".join(map(str, size_latency.hole_pixels)),
        "exponent": None if fit is None else fit.slope,
        "exponent.low": None if fit is None else fit.low,
        "exponent.high": None if fit is None else fit.high,
        "s_per_hole_pixel": None if hole is None else hole.slope,
        "protocol": f"{result.protocol.version} {result.protocol.tier}",
        "pictures": result.protocol.material,
        "device": result.environment.gpu or result.environment.cpu,
        "device_class": device_class(result),
        "threads": result.environment.threads,
    }


def _strategy(result: LatencyResult) -> str:
    return str(result.method.settings.get("strategy", "native"))


def latency_csv(results: Sequence[LatencyResult]) -> str:
    """Write every figure at full precision as CSV, one record per method and size."""
    records = [latency_record(*row) for row in rows(results)]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]), lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows({key: spreadsheet_safe(value) for key, value in record.items()} for record in records)
    return text.getvalue()


def latency_json(results: Sequence[LatencyResult]) -> str:
    """Write every figure at full precision as a JSON list of objects."""
    records = [latency_record(*row) for row in rows(results)]
    return json.dumps(records, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def latency_remarks(results: Sequence[LatencyResult]) -> list[str]:
    """List failures, and the meaning of the flags that occur, one line each."""
    lines = [
        f"{result.method.name} at size {size_latency.size}: {size_latency.status}: {size_latency.message}"
        for result, size_latency in rows(results)
        if size_latency.status != "ok"
    ]
    if any(_take(size_latency) for _, size_latency in rows(results)):
        lines.append("take N: N - 1 measurements before it were unstable, throttled or disturbed")
    flags = {flag for _, size_latency in rows(results) for flag in size_latency.flags}
    return lines + [f"{flag}: {meaning}" for flag, meaning in FLAG_MEANINGS.items() if flag in flags]


FLAG_MEANINGS: Final = {
    "asynchronous": "work went on after a call had returned: the figure may be too short",
    "unrepeated": "one session only",
    "unstable": "the medians of the sessions differ by more than 5 %",
    "unsteady": "the warm-up ended before two rounds agreed within 5 %",
    "throttled": "the last tenth of a session was more than 10 % slower than the first",
    "disturbed": "other programs, or the host of a virtual machine, took more than 0.2 cores",
    "short": "fewer runs than the tier asks for: a limit of time ended a session",
    "coarse": "the clock's steps are longer than a hundredth of the median",
}
