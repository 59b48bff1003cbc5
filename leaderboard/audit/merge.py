"""Put the shards of one evaluation together, as if it had never been divided."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from _df8k.files import write_bytes
from df8k.leaderboard.errors import LeaderboardError, refuse_existing
from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.results.content_hashes import write_sealed
from df8k.leaderboard.results.distribution_states import distributions, features_path, joint_state, state_path
from df8k.leaderboard.results.per_image import ImageRow, per_image_path, read_per_image, write_per_image
from df8k.leaderboard.results.provenance import describe_provenance, metric_weights
from df8k.leaderboard.results.schema import Distribution, Part, Result, Shard
from df8k.leaderboard.statistics.aggregate import aggregate, latency_of

from .comparable import check_one_evaluation
from .validate import read_sound

_LISTED: Final = 5


def merge(
    paths: Sequence[Path],
    out: Path,
    *,
    overwrite: bool = False,
    command: Sequence[str] | None = None,
    shared: Sequence[bool] = (),
) -> Result:
    """Merge shards into one result; its scores are those of an evaluation that was never divided.

    Times and memory are pooled when all shards come from one machine. Otherwise latency stands in ``parts``,
    machine by machine, and the result as a whole has none.

    Args:
        paths: RESULT.json of every shard.
        out: RESULT.json to write.
        overwrite: replace a result that ``out`` holds already.
        command: the command line as it was typed.
        shared: for each of ``paths``, whether another one was measured on its machine at the same time.

    Raises:
        LeaderboardError: a part is damaged or no shard, parts are of different evaluations, or images are
            missing or double; nothing is written then.
    """
    if out.suffix != ".json":
        raise LeaderboardError(f"{out}: a result's name ends with .json")
    refuse_existing(out, overwrite=overwrite)
    if not paths:
        raise LeaderboardError("no parts: give the RESULT.json of every shard")
    results = [read_sound(path) for path in paths]
    shards = _shards(paths, results)
    check_one_evaluation(paths, results)
    _refuse_incomplete(paths, results, shards)
    order = sorted(range(len(results)), key=lambda index: shards[index].index)
    merged = _merged([paths[index] for index in order], [results[index] for index in order], out, command)
    marks = [shared[index] if shared else False for index in order]
    parts = [
        entry.model_copy(update={"shared_machine": mark and any(entry.latency.values())})
        for entry, mark in zip(merged.parts, marks, strict=True)
    ]
    return write_sealed(merged.model_copy(update={"parts": parts}), out)


def _shards(paths: Sequence[Path], results: Sequence[Result]) -> list[Shard]:
    shards = []
    for path, result in zip(paths, results, strict=True):
        if result.dataset.shard is None:
            raise LeaderboardError(
                f"{path} is no shard but a result of its own, {len(result.dataset.ids)} images: shards are "
                "made with --shard i/n"
            )
        if result.samples is not None:
            raise LeaderboardError(
                f"{path} holds the means of several draws, which merging loses: run --samples without --shard"
            )
        shards.append(result.dataset.shard)
    return shards


def _refuse_incomplete(paths: Sequence[Path], results: Sequence[Result], shards: Sequence[Shard]) -> None:
    """Refuse shards that do not hold each image exactly once."""
    owners: dict[str, Path] = {}
    for path, result in zip(paths, results, strict=True):
        if double := [image for image in result.dataset.ids if image in owners]:
            raise LeaderboardError(
                f"{owners[double[0]]} and {path} hold {len(double)} of the same images, such as {double[0]}: "
                "leave one of them out"
            )
        owners |= dict.fromkeys(result.dataset.ids, path)
    missing = [image for image in shards[0].of if image not in owners]
    if missing:
        counts = Counter(shard.count for shard in shards)
        count = max(counts, key=lambda number: (counts[number], number))
        absent = sorted(set(range(1, count + 1)) - {shard.index for shard in shards})
        named = ", ".join(missing[:_LISTED]) + (" …" if len(missing) > _LISTED else "")
        which = ", ".join(f"{index}/{count}" for index in absent)
        raise LeaderboardError(
            f"{len(missing)} of {len(shards[0].of)} images are missing: {named}; shards not given: {which}"
        )


def _merged(
    paths: Sequence[Path], results: Sequence[Result], out: Path, command: Sequence[str] | None
) -> Result:
    first = results[0]
    rows = {path: read_per_image(per_image_path(path)) for path in paths}
    together = [row for shard_rows in rows.values() for row in shard_rows]
    columns = list(together[0].scores)
    one_machine = all(result.environment == first.environment for result in results)
    merged = Result(
        method=first.method,
        dataset=first.dataset.model_copy(
            update={"ids": first.dataset.shard.of if first.dataset.shard else [], "shard": None}
        ),
        protocol=first.protocol,
        environment=first.environment,
        provenance=describe_provenance(command).model_copy(
            update={
                "metric_weights": metric_weights(first.protocol.metrics),
                "date": max((day for result in results if (day := result.provenance.date)), default=None),
            }
        ),
        unavailable=first.unavailable,
        sizes=aggregate(
            first.protocol.sizes,
            together,
            columns,
            lambda size, _scored: _distributions(size, paths, results, out),
            one_machine=one_machine,
            intervals=first.protocol.intervals,
        ),
        parts=[_part(result, rows[path]) for path, result in zip(paths, results, strict=True)],
    )
    write_per_image(per_image_path(out), together, columns)
    return merged


def _part(result: Result, rows: Sequence[ImageRow]) -> Part:
    latency = {
        str(size): latency_of([row for row in rows if row.size == str(size)])
        for size in result.protocol.sizes
    }
    return Part(
        ids=result.dataset.ids, environment=result.environment, provenance=result.provenance, latency=latency
    )


def _distributions(
    size: Size, paths: Sequence[Path], results: Sequence[Result], out: Path
) -> Mapping[str, Distribution]:
    """Compute values over all pictures of a size; the joint state is written beside the merged result."""
    of_size = [next(entry for entry in result.sizes if entry.size == size) for result in results]
    names = list(of_size[0].distributions)
    if not names:
        return {}
    scored = [features_path(path) for path, size_result in zip(paths, of_size, strict=True) if size_result.n]
    joint = joint_state(names, scored, size)
    if scored:
        write_bytes(state_path(features_path(out), size), joint.state())
    return distributions(joint)
