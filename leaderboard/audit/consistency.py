"""Check what the parts of a result say of each other, where no aggregate would show it."""

from collections.abc import Iterator, Sequence
from math import inf
from typing import Final

from df8k import metrics
from df8k.leaderboard.results.per_image import ImageRow
from df8k.leaderboard.results.schema import Result

# A method's own clock may tick a little past the harness's.
_CLOCK: Final = 1.01
_ROUNDING: Final = 1e-6
_DEFINED: Final = "l1.hole"  # wherever there is a hole


def consistency_faults(result: Result, rows: Sequence[ImageRow]) -> list[str]:
    """List contradictions between images, shards, metrics and rows.

    Args:
        result: content of RESULT.json.
        rows: of its per-image file, one for each image at each size.
    """
    return [*_image_list_faults(result), *_metric_faults(result, rows), *_row_faults(result, rows)]


def _image_list_faults(result: Result) -> Iterator[str]:
    used = result.dataset
    if used.ids != sorted(set(used.ids)):
        yield "its images are not listed once each, in order"
    if (shard := used.shard) is None:
        return
    if shard.of != sorted(set(shard.of)) or shard.index > shard.count:
        yield f"its shard {shard.index}/{shard.count} of {len(shard.of)} images is none"
    elif used.ids != shard.of[shard.index - 1 :: shard.count]:
        yield f"its images are not those of shard {shard.index}/{shard.count}"


def _metric_faults(result: Result, rows: Sequence[ImageRow]) -> Iterator[str]:
    """Compare the metrics that were asked for with columns, distributions and what was unavailable."""
    asked = result.protocol.metrics
    for name in sorted(result.unavailable.keys() - asked.keys()):
        yield f"it says that {name} was unavailable, its protocol does not name it"
    try:
        specs = [metrics.get(name) for name in asked]
    except metrics.MetricError:
        return
    if any(asked[name] != spec.variant for name, spec in zip(asked, specs, strict=True)):
        return  # of another version, whose columns and ranges are not known here
    pairwise = [spec for spec in specs if spec.kind == "pairwise"]
    columns = {key for row in rows for key in row.scores}
    if strays := sorted(columns - {key for spec in pairwise for key in spec.keys}):
        yield f"its per-image file has the scores {', '.join(strays)}, which its protocol does not name"
    for spec in pairwise if rows else ():
        if not columns & set(spec.keys):
            yield f"its per-image file has no scores of {spec.name}, which its protocol names"
    sets = {name for name, spec in zip(asked, specs, strict=True) if spec.kind == "distribution"}
    for size_result in result.sizes:
        if set(size_result.distributions) != sets:
            stated = sorted(size_result.distributions)
            yield f"size {size_result.size}: has distributions {stated}, its protocol names {sorted(sets)}"
    ranges = {key: spec.range for spec in specs for key in spec.keys}
    for row in rows:
        for key, value in row.scores.items():
            low, high = ranges.get(key, (-inf, inf))
            if value is not None and not low - _ROUNDING <= value <= high + _ROUNDING:
                yield f"image {row.id}, size {row.size}: {key} says {value}, its range is {low} to {high}"


def _row_faults(result: Result, rows: Sequence[ImageRow]) -> Iterator[str]:
    """List rows that no run of the harness writes."""
    runs = max(1, result.protocol.timing[0], result.protocol.least_runs)
    untimed = result.method.spec == "predictions" or not result.protocol.timing[0]
    for row in rows:
        subject = f"image {row.id}, size {row.size}"
        seconds, models = row.seconds or (), row.model_seconds or ()
        if row.status != "ok":
            if seconds or models or row.peak_memory_bytes is not None:
                yield f"{subject}: {row.status}, yet it has times or memory"
            if row.status == "left-out" and (row.error is not None or row.hole_pixels is not None):
                yield f"{subject}: left-out, yet it has an error or a hole"
            continue
        if row.error is not None:
            yield f"{subject}: ok, yet it has the error {row.error[:200]}"
        if bool(seconds) == untimed:
            yield f"{subject}: {'was not timed, yet has times' if untimed else 'has no times'}"
        if len(seconds) > runs or len(models) not in {0, len(seconds)}:
            yield f"{subject}: has {len(seconds)} runs, {len(models)} of its network, at most {runs} made"
        elif any(model > _CLOCK * call for model, call in zip(models, seconds, strict=bool(models))):
            yield f"{subject}: its network took longer than the call"
        if row.hole_pixels and row.scores.get(_DEFINED, 0.0) is None:
            yield f"{subject}: has a hole, yet no {_DEFINED}"
