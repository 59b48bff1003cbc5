"""Latency results as text; their figures stand in tables of their own, never among those of quality."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from leaderboard.latency.results import LatencyResult, SizeLatency
from leaderboard.protocol.sizes import size_order
from leaderboard.results.schema import Method
from leaderboard.statistics.scaling import Fit

from .grid import Cell, Grid, one_line, spreadsheet_safe

HEADER: Final = (
    "size",
    "method",
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
SCALING_HEADER: Final = ("method", "exponent in pixels", "R²", "ns per missing pixel", "fixed, ms", "at size")


def milliseconds(seconds: float) -> str:
    """Three significant digits, and none after the point from 100 ms on."""
    found = seconds * 1e3
    return f"{found:.0f}" if found >= 100 else f"{found:.3g}"


def rows(results: Sequence[LatencyResult]) -> list[tuple[LatencyResult, SizeLatency]]:
    """Every size of every result, by size, then name."""
    pairs = [(result, part) for result in results for part in result.sizes]
    return sorted(pairs, key=lambda pair: (size_order(pair[1].size), pair[0].method.name))


def ladder_grid(results: Sequence[LatencyResult], scored: Callable[[Method], bool] | None = None) -> Grid:
    """A row per size and method; what was not measured is a dash, what failed says how.

    Args:
        results: one per method.
        scored: whether the quality of that artefact stands beside the table; ``None`` leaves the column out.
    """
    shown = rows(results)
    cells = [[Cell(text) for text in cells_of(result, part)] for result, part in shown]
    header, texts = [*HEADER], {1, len(HEADER) - 1}
    if scored is not None:
        header.append("quality of it on this board")
        texts.add(len(HEADER))
        for row, (result, _part) in zip(cells, shown, strict=True):
            row.append(Cell("yes" if scored(result.method) else "no"))
    changes = {i for i in range(1, len(shown)) if shown[i][1].size != shown[i - 1][1].size}
    return Grid(header, cells, frozenset(texts), frozenset(changes), note(results))


def cells_of(result: LatencyResult, part: SizeLatency) -> list[str]:
    """Cells of one size, in the order of `HEADER`."""
    sessions = part.sessions
    cold = [found.process_s + found.load_s + found.first_call_s for found in sessions]
    spread = part.repeatability
    return [
        str(part.size),
        result.method.name,
        "–" if part.e2e is None else milliseconds(part.e2e.p50_s),
        "–" if part.e2e is None else milliseconds(part.e2e.p90_s),
        "–" if part.model is None else milliseconds(part.model.p50_s),
        f"{max(cold):.2f}" if cold else "–",
        _megabytes([found.peak_bytes for found in sessions]),
        _megabytes([found.call_bytes for found in sessions]),
        _megabytes([found.gpu_reserved_bytes for found in sessions]),
        "–" if part.e2e is None else str(part.e2e.n),
        "–" if spread is None else f"{100 * spread:.1f}",
        ", ".join([part.status, *part.flags]),
    ]


def _megabytes(found: Sequence[int | None]) -> str:
    known = [value for value in found if value is not None]
    return f"{max(known) / 1e6:.0f}" if known else "–"


def scaling_grid(results: Sequence[LatencyResult]) -> Grid:
    """How latency grows, a row per method, with 95 % intervals."""
    cells = []
    for result in sorted(results, key=lambda found: found.method.name):
        pixels, hole = result.by_pixels, result.by_hole
        texts = [
            result.method.name,
            "–" if pixels is None else with_interval(pixels, 1.0, 2),
            "–" if pixels is None else f"{pixels.r2:.3f}",
            "–" if hole is None else with_interval(hole, 1e9, 1),
            "–" if hole is None else f"{hole.intercept * 1e3:.1f}",
            "–" if result.area is None else str(result.area.size),
        ]
        cells.append([Cell(text) for text in texts])
    text = "Exponent 1: proportional to pixels. Least squares; in brackets 95 % intervals of Student's t."
    return Grid(SCALING_HEADER, cells, frozenset({0}), frozenset(), text)


def with_interval(fit: Fit, factor: float, digits: int) -> str:
    """The slope in the unit shown, with its interval where it has one."""
    text = f"{fit.slope * factor:.{digits}f}"
    if fit.low is None or fit.high is None:
        return text
    return f"{text} [{fit.low * factor:.{digits}f}, {fit.high * factor:.{digits}f}]"


def note(results: Sequence[LatencyResult]) -> str:
    """What the figures are, in one line."""
    first = [
        f"Latency protocol {version}, {tier}"
        for version, tier in sorted({(r.protocol.version, r.protocol.tier) for r in results})
    ]
    machines = sorted({machine(result) for result in results})
    material = sorted({result.protocol.material for result in results})
    return one_line(f"{'; '.join(first)}; pictures: {', '.join(material)}; {'; '.join(machines)}.")


def machine(result: LatencyResult) -> str:
    """The processor that ran it, and its threads."""
    found = result.environment
    return f"{found.gpu or found.cpu}, {found.threads} threads"


def about(result: LatencyResult) -> str:
    """Method, artefact, strategy, machine and its state, in one line."""
    method, found, state = result.method, result.environment, result.machine
    words = [f"{method.name} {method.version}", f"strategy {strategy(result)}"]
    side = method.settings.get("working_resolution_px", method.settings.get("working_resolution"))
    words += [] if side is None else [f"network at {side} px"]
    words += [] if method.weights_sha256 is None else [f"weights {method.weights_sha256[:12]}"]
    words += [machine(result), f"{found.memory_bytes / 2**30:.0f} GiB"]
    words += [found.system, f"Python {found.python}"]
    words += [f"{name} {version}" for name, version in found.libraries.items()]
    words += [f"{state.busy_cores:.1f} cores busy before"]
    words += [] if state.governor is None else [f"governor {state.governor}"]
    words += [] if state.mhz is None else [f"{state.mhz:.0f} MHz"]
    return ", ".join(words)


def flat(result: LatencyResult, part: SizeLatency) -> dict[str, Any]:
    """One size as a flat record for CSV and JSON, in SI units."""
    method, size = result.method, part.size
    record: dict[str, Any] = {
        "size": size,
        "width": part.width,
        "height": part.height,
        "method": method.name,
        "method_version": method.version,
        "weights_sha256": method.weights_sha256,
        "strategy": strategy(result),
        "status": part.status,
        "flags": " ".join(part.flags),
        "message": part.message,
    }
    for name, spread in (("e2e", part.e2e), ("call", part.call), ("model", part.model)):
        values = {} if spread is None else spread.model_dump()
        for key in ("n", "p50_s", "p90_s", "p99_s", "mean_s", "deviation_s", "least_s"):
            record[f"{name}.{key}"] = values.get(key)
    sessions = part.sessions
    for key in ("process_s", "load_s", "first_call_s"):
        values_ = sorted(getattr(found, key) for found in sessions)
        record[key] = values_[len(values_) // 2] if values_ else None
    for key in ("peak_bytes", "call_bytes", "gpu_allocated_bytes", "gpu_reserved_bytes"):
        known = [value for found in sessions if (value := getattr(found, key)) is not None]
        record[key] = max(known) if known else None
    fit, hole = result.by_pixels, result.by_hole
    return record | {
        "repeatability": part.repeatability,
        "hole_pixels": " ".join(map(str, part.hole_pixels)),
        "exponent": None if fit is None else fit.slope,
        "exponent.low": None if fit is None else fit.low,
        "exponent.high": None if fit is None else fit.high,
        "s_per_hole_pixel": None if hole is None else hole.slope,
        "protocol": f"{result.protocol.version} {result.protocol.tier}",
        "pictures": result.protocol.material,
        "device": result.environment.gpu or result.environment.cpu,
        "threads": result.environment.threads,
    }


def strategy(result: LatencyResult) -> str:
    """How the method looked at the pictures."""
    return str(result.method.settings.get("strategy", "native"))


def comma_separated(results: Sequence[LatencyResult]) -> str:
    """Every figure at full precision, one record per method and size."""
    records = [flat(result, part) for result, part in rows(results)]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]), lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows({key: spreadsheet_safe(found) for key, found in record.items()} for record in records)
    return text.getvalue()


def as_json(results: Sequence[LatencyResult]) -> str:
    """Every figure at full precision, as a list of objects."""
    records = [flat(result, part) for result, part in rows(results)]
    return json.dumps(records, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def remarks(results: Sequence[LatencyResult]) -> list[str]:
    """Failures, and what the flags that occur mean, one line each."""
    lines = [
        f"{result.method.name} at size {part.size}: {part.status}: {part.message}"
        for result, part in rows(results)
        if part.status != "ok"
    ]
    seen = {flag for result, part in rows(results) for flag in part.flags}
    return lines + [f"{flag}: {MEANING[flag]}" for flag in MEANING if flag in seen]


MEANING: Final = {
    "asynchronous": "work went on after a call had returned: the figure may be too short",
    "unrepeated": "one session only",
    "unstable": "the medians of the sessions differ by more than 5 %",
    "unsteady": "the warm-up ended before two rounds agreed within 5 %",
    "throttled": "the last tenth of a session was more than 10 % slower than the first",
    "disturbed": "other programs, or the host of a virtual machine, took more than 0.2 cores",
    "short": "fewer runs than the tier asks for: a limit of time ended a session",
}
