"""Put the shards of one evaluation together, as if it had never been divided."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from _df8k.files import write_bytes
from leaderboard.errors import LeaderboardError
from leaderboard.protocol.sizes import Size
from leaderboard.results.distribution_states import distributions, joint_state, state_path
from leaderboard.results.journal import changes
from leaderboard.results.per_image import Row, read_per_image, write_per_image
from leaderboard.results.provenance import describe_provenance, metric_weights
from leaderboard.results.schema import Distribution, Part, Result, Shard, features_path, per_image_path
from leaderboard.results.seal import write_sealed
from leaderboard.statistics.aggregate import aggregate, latency_of

from .validate import read_sound

_NAMED = 5


def merge(
    paths: Sequence[Path], out: Path, *, overwrite: bool = False, command: Sequence[str] | None = None
) -> Result:
    """Merge shards into one result; its scores are those of an evaluation that was never divided.

    Times and memory are pooled when all shards come from one machine. Otherwise latency stands in ``parts``,
    machine by machine, and the result as a whole has none.

    Args:
        paths: RESULT.json of every shard.
        out: RESULT.json to write.
        overwrite: replace a result that ``out`` holds already.
        command: the command line as it was typed.

    Raises:
        LeaderboardError: a part is damaged or no shard, parts are of different evaluations, or images are
            missing or double; nothing is written then.
    """
    if out.suffix != ".json":
        raise LeaderboardError(f"{out}: a result's name ends with .json")
    if out.exists() and not overwrite:
        raise LeaderboardError(f"{out} exists; give another name, or --overwrite to replace it")
    if not paths:
        raise LeaderboardError("no parts: give the RESULT.json of every shard")
    parts = [read_sound(path) for path in paths]
    shards = _shards(paths, parts)
    _refuse_unlike(paths, parts)
    _refuse_incomplete(paths, parts, shards)
    order = sorted(range(len(parts)), key=lambda place: shards[place].index)
    return _write([paths[place] for place in order], [parts[place] for place in order], out, command)


def _shards(paths: Sequence[Path], parts: Sequence[Result]) -> list[Shard]:
    found = []
    for path, part in zip(paths, parts, strict=True):
        if part.dataset.shard is None:
            raise LeaderboardError(
                f"{path} is no shard but a result of its own, {len(part.dataset.ids)} images: shards are "
                "made with --shard i/n"
            )
        found.append(part.dataset.shard)
    return found


def _refuse_unlike(paths: Sequence[Path], parts: Sequence[Result]) -> None:
    """Shards of another method, dataset, protocol or version do not belong together."""
    first = _identity(parts[0])
    for path, part in zip(paths[1:], parts[1:], strict=True):
        if found := list(changes(first, _identity(part), ("is", "and"))):
            raise LeaderboardError(
                f"{paths[0]} and {path} are not of one evaluation: {'; '.join(found[:_NAMED])}"
            )


def _identity(part: Result) -> dict[str, object]:
    """What all shards of an evaluation share."""
    dataset = part.dataset.model_dump(mode="json", exclude={"ids", "shard"})
    return {
        "df8k": part.provenance.df8k_version,
        "method": part.method.model_dump(mode="json"),
        "dataset": dataset | {"images": part.dataset.shard.of if part.dataset.shard else []},
        "protocol": part.protocol.model_dump(mode="json"),
        "unavailable": sorted(part.unavailable),
        "metric weights": dict(part.provenance.metric_weights),
    }


def _refuse_incomplete(paths: Sequence[Path], parts: Sequence[Result], shards: Sequence[Shard]) -> None:
    """Every image must be in one part, and in one only."""
    owners: dict[str, Path] = {}
    for path, part in zip(paths, parts, strict=True):
        if double := [image for image in part.dataset.ids if image in owners]:
            raise LeaderboardError(
                f"{owners[double[0]]} and {path} hold {len(double)} of the same images, such as {double[0]}: "
                "leave one of them out"
            )
        owners |= dict.fromkeys(part.dataset.ids, path)
    missing = [image for image in shards[0].of if image not in owners]
    if missing:
        counts = Counter(shard.count for shard in shards)
        count = max(counts, key=lambda found: (counts[found], found))
        absent = sorted(set(range(1, count + 1)) - {shard.index for shard in shards})
        named = ", ".join(missing[:_NAMED]) + (" …" if len(missing) > _NAMED else "")
        which = ", ".join(f"{index}/{count}" for index in absent)
        raise LeaderboardError(
            f"{len(missing)} of {len(shards[0].of)} images are missing: {named}; shards not given: {which}"
        )


def _write(
    paths: Sequence[Path], parts: Sequence[Result], out: Path, command: Sequence[str] | None
) -> Result:
    first = parts[0]
    rows = {path: read_per_image(per_image_path(path)) for path in paths}
    together = [row for of_part in rows.values() for row in of_part]
    columns = [name for name in together[0] if "." in name]
    one_machine = all(part.environment == first.environment for part in parts)
    merged = Result(
        method=first.method,
        dataset=first.dataset.model_copy(
            update={"ids": first.dataset.shard.of if first.dataset.shard else [], "shard": None}
        ),
        protocol=first.protocol,
        environment=first.environment,
        provenance=describe_provenance(command).model_copy(
            update={"metric_weights": metric_weights(first.protocol.metrics)}
        ),
        unavailable=first.unavailable,
        sizes=aggregate(
            first.protocol.sizes,
            together,
            columns,
            lambda size, _scored: _distributions(size, paths, parts, out),
            one_machine=one_machine,
        ),
        parts=[_part(part, rows[path]) for path, part in zip(paths, parts, strict=True)],
    )
    write_per_image(per_image_path(out), together, columns)
    return write_sealed(merged, out)


def _part(part: Result, rows: Sequence[Row]) -> Part:
    latency = {
        str(size): latency_of([row for row in rows if row["size"] == str(size)])
        for size in part.protocol.sizes
    }
    return Part(
        ids=part.dataset.ids, environment=part.environment, provenance=part.provenance, latency=latency
    )


def _distributions(
    size: Size, paths: Sequence[Path], parts: Sequence[Result], out: Path
) -> Mapping[str, Distribution]:
    """Values over all pictures of a size; the joint state is written beside the merged result."""
    of_size = [next(found for found in part.sizes if found.size == size) for part in parts]
    names = list(of_size[0].distributions)
    if not names:
        return {}
    scored = [features_path(path) for path, found in zip(paths, of_size, strict=True) if found.n]
    joint = joint_state(names, scored, size)
    if scored:
        write_bytes(state_path(features_path(out), size), joint.state())
    return distributions(joint)
