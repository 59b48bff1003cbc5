"""List what changed between two sets of results, for a reviewer to read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from df8k.leaderboard.protocol.sizes import Size, size_order
from df8k.leaderboard.results.schema import Result, SizeResult
from df8k.leaderboard.statistics.tolerance import alike


@dataclass(frozen=True)
class Change:
    """One difference.

    Attributes:
        kind: what happened to the field.
        method: name of the method.
        size: the size it concerns; ``None`` for the whole result.
        field: what changed; empty when the method or size itself was added or removed.
        old: the value before.
        new: the value now.
    """

    kind: Literal["added", "removed", "changed"]
    method: str
    size: Size | None
    field: str
    old: float | str | None
    new: float | str | None


def list_changes(old: Sequence[Result], new: Sequence[Result], tolerance: float = 1e-9) -> list[Change]:
    """List differences by method, size and field; the order of the results plays no part.

    Args:
        old: results before; one per method.
        new: results now.
        tolerance: relative difference up to which two numbers are the same.
    """
    before, now = _by_name(old), _by_name(new)
    changes: list[Change] = []
    for name in sorted(before.keys() | now.keys()):
        if name not in now or name not in before:
            changes.append(Change("added" if name in now else "removed", name, None, "", None, None))
            continue
        pairs = _fields(_provenance(before[name]), _provenance(now[name]), tolerance)
        changes += [_change(name, None, field, *values) for field, *values in pairs]
        changes += _sizes(name, before[name], now[name], tolerance)
    return changes


def _by_name(results: Sequence[Result]) -> dict[str, Result]:
    return {result.method.name: result for result in results}


def _sizes(name: str, old: Result, new: Result, tolerance: float) -> list[Change]:
    before: dict[Size, SizeResult] = {size_result.size: size_result for size_result in old.sizes}
    now: dict[Size, SizeResult] = {size_result.size: size_result for size_result in new.sizes}
    changes: list[Change] = []
    for size in sorted(before.keys() | now.keys(), key=size_order):
        if size not in now or size not in before:
            changes.append(Change("added" if size in now else "removed", name, size, "", None, None))
            continue
        pairs = _fields(_scores(before[size]), _scores(now[size]), tolerance)
        changes += [_change(name, size, field, *values) for field, *values in pairs]
    return changes


def _change(
    name: str, size: Size | None, field: str, old: float | str | None, new: float | str | None
) -> Change:
    return Change(
        "added" if old is None else "removed" if new is None else "changed", name, size, field, old, new
    )


def _fields(
    old: Mapping[str, float | str | None], new: Mapping[str, float | str | None], tolerance: float
) -> list[tuple[str, float | str | None, float | str | None]]:
    names = dict.fromkeys([*old, *new])
    return [
        (name, old.get(name), new.get(name))
        for name in names
        if not alike(old.get(name), new.get(name), within=tolerance, integers=True)
    ]


def _provenance(result: Result) -> dict[str, float | str | None]:
    method, dataset, machine = result.method, result.dataset, result.environment
    return {
        "version": method.version,
        "weights": method.weights_sha256,
        "parameters": method.parameters,
        "licence": method.licence,
        "dataset": dataset.fingerprint,
        "images": len(dataset.ids),
        "machine": machine.gpu or machine.cpu,
        "threads": machine.threads,
        **{f"metric {name}": variant for name, variant in result.protocol.metrics.items()},
    }


def _scores(size_result: SizeResult) -> dict[str, float | str | None]:
    latency = size_result.latency
    return {
        **{key: estimate.mean for key, estimate in size_result.metrics.items()},
        **{key: distribution.value for key, distribution in size_result.distributions.items()},
        "n": size_result.n,
        "left out": size_result.left_out,
        **{f"failed: {kind}": count for kind, count in size_result.failures.items()},
        "latency median, s": latency.median_s if latency else None,
        "latency p90, s": latency.p90_s if latency else None,
        "peak memory, bytes": size_result.peak_memory_bytes,
    }


def change_line(change: Change) -> str:
    """Write a change as one line for a person."""
    subject = change.method if change.size is None else f"{change.method} at size {change.size}"
    if not change.field:
        return f"{subject}: {change.kind}"
    old, new = (_text(value) for value in (change.old, change.new))
    if isinstance(change.old, (int, float)) and isinstance(change.new, (int, float)) and change.old:
        percent = 100 * (change.new - change.old) / abs(change.old)
        return f"{subject}: {change.field} {old} → {new} ({percent:+.3g} %)"
    return f"{subject}: {change.field} {old} → {new}"


def _text(value: float | str | None) -> str:
    return "absent" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
