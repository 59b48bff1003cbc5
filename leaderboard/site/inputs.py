"""Read what a site is made of, and refuse results that may not stand on one board."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from df8k.dataset import Dataset
from df8k.leaderboard.audit.comparable import check_dataset, check_one_latency_table, check_one_table
from df8k.leaderboard.audit.validate import read_accepted, unproved
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.latency.results import LatencyResult, is_latency
from df8k.leaderboard.latency.validate import read_accepted_latency
from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.results.per_image import PerImage, read_arrays
from df8k.leaderboard.results.schema import Result

from .pictures.views import predictions_path


@dataclass(frozen=True)
class SiteInputs:
    """Accepted results that may stand together.

    Attributes:
        quality: RESULT.json → its content, in the order of the call.
        per_image: of each of them, in the same order: size → values of each image.
        latency: LATENCY.json → its content.
        predictions: method → folder of its filled pictures ``SIZE/ID.png``.
        notes: what they claim and nothing beside them shows.
    """

    quality: Mapping[Path, Result]
    per_image: Sequence[Mapping[Size, PerImage]]
    latency: Mapping[Path, LatencyResult]
    predictions: Mapping[str, Path]
    notes: Sequence[str] = ()


def read_inputs(
    paths: Sequence[Path], dataset: Dataset | None, predictions: Mapping[str, Path]
) -> SiteInputs:
    """Read results of quality and of latency; either may be absent.

    Args:
        paths: RESULT.json and LATENCY.json files.
        dataset: the dataset that was measured, if its pictures are shown.
        predictions: method → folder of its filled pictures; others are looked for beside the results.

    Raises:
        LeaderboardError: no results, one that is not accepted, two of the same method, another dataset, or a
            folder of pictures of no method.
    """
    latency_paths = [path for path in paths if is_latency(path)]
    latency = [read_accepted_latency(path) for path in latency_paths]
    check_one_latency_table(latency_paths, latency)
    _refuse_repeated_latency(latency_paths, latency)
    quality_paths = [path for path in paths if path not in latency_paths]
    if latency and not quality_paths:
        return SiteInputs({}, [], dict(zip(latency_paths, latency, strict=True)), {})
    quality = [read_accepted(path) for path in quality_paths]
    _refuse_unlike(quality_paths, quality)
    if dataset is not None:
        check_dataset(quality_paths[0], quality[0], dataset)
    folders = _prediction_folders(quality_paths, quality, predictions)
    return SiteInputs(
        dict(zip(quality_paths, quality, strict=True)),
        [read_arrays(path, result) for path, result in zip(quality_paths, quality, strict=True)],
        dict(zip(latency_paths, latency, strict=True)),
        folders,
        [
            note
            for path, result in zip(quality_paths, quality, strict=True)
            for note in unproved(path, result)
        ],
    )


def _refuse_repeated_latency(paths: Sequence[Path], results: Sequence[LatencyResult]) -> None:
    seen: dict[str, Path] = {}
    for path, result in zip(paths, results, strict=True):
        name = result.method.name
        if name in seen:
            raise LeaderboardError(f"{path} and {seen[name]} both measure the latency of {name}: give one")
        seen[name] = path


def _refuse_unlike(paths: Sequence[Path], results: Sequence[Result]) -> None:
    """Refuse results that may not be ranked together, and two of one method at one size."""
    if not results:
        raise LeaderboardError("no results: give at least one RESULT.json")
    check_one_table(
        paths, results, same_images=True, remedy="give results of the same images, protocol and metrics"
    )
    seen: dict[tuple[str, Size], Path] = {}
    for path, result in zip(paths, results, strict=True):
        for size_result in result.sizes:
            key = (result.method.name, size_result.size)
            if key in seen:
                raise LeaderboardError(
                    f"{path} and {seen[key]} both measure {key[0]} at size {key[1]}: give one"
                )
            seen[key] = path


def _prediction_folders(
    paths: Sequence[Path], results: Sequence[Result], named: Mapping[str, Path]
) -> dict[str, Path]:
    names = [result.method.name for result in results]
    if unknown := sorted(named.keys() - set(names)):
        raise LeaderboardError(
            f"pictures are given for {', '.join(unknown)}, the results are of {', '.join(sorted(names))}"
        )
    folders = {}
    for path, name in zip(paths, names, strict=True):
        folder = named.get(name, predictions_path(path))
        if folder.is_dir():
            folders[name] = folder
        elif name in named:
            raise LeaderboardError(f"{folder} is no folder: give the one that holds SIZE/ID.png of {name}")
    return folders
