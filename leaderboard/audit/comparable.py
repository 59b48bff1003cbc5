"""Decide which results may stand together: the one rule of boards, comparisons, merging and submissions.

Scores of two results mean the same only where images, protocol and metric variants are the same. How often
calls were repeated, and which sizes and metrics were asked for besides, changes no score and may differ.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from df8k import metrics
from df8k.dataset import Dataset
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.latency.results import LatencyResult
from df8k.leaderboard.protocol.versions import describe_version
from df8k.leaderboard.results.field_changes import field_changes
from df8k.leaderboard.results.schema import Result

_LISTED: Final = 5


class Difference(NamedTuple):
    """Field that keeps two results apart.

    Attributes:
        field: its name in words.
        first: its value in the first result; ``None`` where it was not measured.
        second: its value in the second.
    """

    field: str
    first: str | None
    second: str | None


def differences(
    first: Result, second: Result, *, metric: str | None = None, same_images: bool = False
) -> list[Difference]:
    """List the fields that keep two results out of one table; empty when they may stand together.

    Args:
        first: a result.
        second: another.
        metric: the one metric that is compared, which both must have measured; by default no metric that both
            measured may differ in its variant.
        same_images: whether the IDs must be the same too: ranks are of means over the same images, while
            paired tests take the images that both have.
    """
    variants, other_variants = metric_variants(first), metric_variants(second)
    names = [name for name in variants if name in other_variants] if metric is None else [metric]
    settings, other_settings = (_protocol_settings(result) for result in (first, second))
    fields = [
        Difference("dataset", _fingerprint(first), _fingerprint(second)),
        Difference("split", first.dataset.split, second.dataset.split),
        *(Difference(name, variants.get(name), other_variants.get(name)) for name in names),
        *(Difference(f"protocol's {name}", settings[name], other_settings[name]) for name in settings),
    ]
    apart = [field for field in fields if field.first != field.second]
    ids, other_ids = set(first.dataset.ids), set(second.dataset.ids)
    if same_images and ids != other_ids:
        only_one = f"{len(other_ids)} images, {len(ids ^ other_ids)} in only one of the two"
        apart.append(Difference("list of images", f"{len(ids)} images", only_one))
    return apart


def check_one_table(
    paths: Sequence[Path],
    results: Sequence[Result],
    *,
    remedy: str,
    metric: str | None = None,
    same_images: bool = False,
) -> None:
    """Refuse results that may not stand in one table.

    Args:
        paths: RESULT.json files, for the message.
        results: their content.
        remedy: what the user can do, for the message.
        metric: see `differences`.
        same_images: see `differences`.

    Raises:
        LeaderboardError: two of them may not; the message names both files and each field that differs.
    """
    for path, result in zip(paths[1:], results[1:], strict=True):
        if apart := differences(results[0], result, metric=metric, same_images=same_images):
            fields = "; ".join(
                f"their {field} differs, {first or 'not measured'} and {second or 'not measured'}"
                for field, first, second in apart
            )
            raise LeaderboardError(f"{paths[0]} and {path} cannot be compared: {fields}; {remedy}")


def check_one_evaluation(paths: Sequence[Path], shards: Sequence[Result]) -> None:
    """Refuse shards of different evaluations: beyond one table, method, budget and versions are the same.

    Args:
        paths: RESULT.json files, for the message.
        shards: their content.

    Raises:
        LeaderboardError: two of them differ; the message names both files and the fields.
    """
    first = _evaluation_fields(shards[0])
    for path, shard in zip(paths[1:], shards[1:], strict=True):
        if fields := list(field_changes(first, _evaluation_fields(shard), ("is", "and"))):
            raise LeaderboardError(
                f"{paths[0]} and {path} are not of one evaluation: {'; '.join(fields[:_LISTED])}"
            )


def check_one_latency_table(paths: Sequence[Path], results: Sequence[LatencyResult]) -> None:
    """Refuse latency results that were not timed by the same protocol; plans and machines stand in the table.

    Args:
        paths: LATENCY.json files, for the message.
        results: their content.

    Raises:
        LeaderboardError: version or timed region of two of them differ; the message names the field and both
            files.
    """
    for path, result in zip(paths[1:], results[1:], strict=True):
        first, other = (
            {"version": str(timed.protocol.version), "timed region": timed.protocol.e2e_region}
            for timed in (results[0], result)
        )
        if fields := [name for name in first if first[name] != other[name]]:
            apart = "; ".join(f"their {name} differs, {first[name]} and {other[name]}" for name in fields)
            raise LeaderboardError(f"{paths[0]} and {path} cannot be compared: {apart}; measure both alike")


def dataset_fault(result: Result, dataset: Dataset) -> str | None:
    """Tell why a result is not of a dataset; ``None`` when fingerprint and split are those that it names."""
    measured, description = result.dataset, dataset.description
    if (measured.fingerprint, measured.split) == (description.fingerprint, dataset.split):
        return None
    return (
        f"it was measured on the split {measured.split} of fingerprint {measured.fingerprint}, "
        f"{measured.name} {measured.version}; {dataset.root} is the split {dataset.split} of "
        f"{description.fingerprint}, {description.name} {description.version}"
    )


def check_dataset(path: Path, result: Result, dataset: Dataset) -> None:
    """Refuse a dataset that a result was not measured on.

    Args:
        path: RESULT.json, for the message.
        result: its content.
        dataset: a split.

    Raises:
        LeaderboardError: fingerprint or split differ.
    """
    if fault := dataset_fault(result, dataset):
        raise LeaderboardError(f"{path}: {fault}: give the dataset that it names")


def check_metric_variants(path: Path, result: Result) -> None:
    """Refuse a result whose metrics this version computes in another variant.

    Args:
        path: RESULT.json, for the message.
        result: its content.

    Raises:
        LeaderboardError: a variant differs.
        metrics.MetricError: a metric that this version does not have.
    """
    for name, variant in result.protocol.metrics.items():
        if variant != metrics.get(name).variant:
            raise LeaderboardError(
                f"{path}: the result's {name} is {variant}, this df8k computes {metrics.get(name).variant}: "
                "use the version that measured it"
            )


def metric_variants(result: Result) -> dict[str, str]:
    """Map each metric to the variant that a result measured, under whichever name it was asked for."""
    return {_metric_name(name): variant for name, variant in result.protocol.metrics.items()}


def _metric_name(alias: str) -> str:
    try:
        return metrics.get(alias).name
    except metrics.MetricError:  # of another version
        return alias


def _fingerprint(result: Result) -> str:
    return f"fingerprint {result.dataset.fingerprint}"


def _protocol_settings(result: Result) -> dict[str, str]:
    protocol = result.protocol
    return {
        "version": describe_version(protocol.version),
        "crop": protocol.crop,
        "compositing": protocol.compositing,
    }


def _evaluation_fields(shard: Result) -> dict[str, object]:
    dataset = shard.dataset.model_dump(mode="json", exclude={"ids", "shard"})
    return {
        "df8k": shard.provenance.df8k_version,
        "method": shard.method.model_dump(mode="json"),
        "dataset": dataset | {"images": shard.dataset.shard.of if shard.dataset.shard else []},
        "protocol": shard.protocol.model_dump(mode="json"),
        "unavailable": sorted(shard.unavailable),
        "metric weights": dict(shard.provenance.metric_weights),
    }
