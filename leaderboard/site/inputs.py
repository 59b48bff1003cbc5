"""Read what a site is made of, and refuse results that may not stand on one board."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from df8k.dataset import Dataset
from df8k.leaderboard.audit.comparable import check_dataset, check_one_latency_table, check_one_table
from df8k.leaderboard.audit.validate import read_accepted, unproved
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.latency.results import LatencyResult, is_latency, samples_path
from df8k.leaderboard.latency.validate import read_accepted_latency
from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.results.mask_sweep import MaskSweep, read_sweep, sweep_path
from df8k.leaderboard.results.per_image import PerImage, per_image_path, read_arrays
from df8k.leaderboard.results.schema import Result
from df8k.leaderboard.results.votes import Outcome, is_votes, read_votes

from .pictures.views import predictions_path
from .render import raw_stem, slug


@dataclass(frozen=True)
class SiteInputs:
    """Accepted results that may stand together.

    Attributes:
        quality: RESULT.json → its content, in the order of the call.
        per_image: of each of them, in the same order: size → values of each image.
        latency: LATENCY.json → its content.
        predictions: method → folder of its filled pictures ``SIZE/ID.png``.
        notes: what they claim and nothing beside them shows.
        votes: file of `df8k vote score` → its content.
        sweeps: method → how it bore sloppy masks, where ``RESULT.sweep.json`` lies beside its result.
    """

    quality: Mapping[Path, Result]
    per_image: Sequence[Mapping[Size, PerImage]]
    latency: Mapping[Path, LatencyResult]
    predictions: Mapping[str, Path]
    notes: Sequence[str] = ()
    votes: Mapping[Path, Outcome] = field(default_factory=dict)
    sweeps: Mapping[str, MaskSweep] = field(default_factory=dict)

    def copy_to(self, folder: Path) -> None:
        """Copy the files into a new folder, under names of their own, each with what lies beside it."""
        folder.mkdir()
        for path, result in self.quality.items():
            target = folder / f"{raw_stem(result, list(self.quality.values()))}.json"
            shutil.copyfile(path, target)
            shutil.copyfile(per_image_path(path), per_image_path(target))
            if result.method.name in self.sweeps and sweep_path(path).exists():
                shutil.copyfile(sweep_path(path), sweep_path(target))
        for path, timed in self.latency.items():
            target = folder / f"latency-{slug(timed.method.name)}.json"
            shutil.copyfile(path, target)
            if timed.runs is None:
                shutil.copyfile(samples_path(path), samples_path(target))
        for path, vote in self.votes.items():
            shutil.copyfile(path, folder / f"votes-{vote.size}.json")


def read_inputs(
    paths: Sequence[Path], dataset: Dataset | None, predictions: Mapping[str, Path]
) -> SiteInputs:
    """Read results of quality and of latency, either may be absent, and votes on the former's pictures.

    Args:
        paths: RESULT.json and LATENCY.json files, and what `df8k vote score` wrote.
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
    votes_paths = [path for path in paths if path not in latency_paths and is_votes(path)]
    quality_paths = [path for path in paths if path not in {*latency_paths, *votes_paths}]
    if latency and not quality_paths and not votes_paths:
        return SiteInputs({}, [], dict(zip(latency_paths, latency, strict=True)), {})
    quality = [read_accepted(path) for path in quality_paths]
    _refuse_unlike(quality_paths, quality)
    if dataset is not None:
        check_dataset(quality_paths[0], quality[0], dataset)
    folders = _prediction_folders(quality_paths, quality, predictions)
    votes = {path: read_votes(path) for path in votes_paths}
    _refuse_strange_votes(votes, quality)
    sweeps, stale = _sweeps(quality_paths, quality)
    return SiteInputs(
        dict(zip(quality_paths, quality, strict=True)),
        [read_arrays(path, result) for path, result in zip(quality_paths, quality, strict=True)],
        dict(zip(latency_paths, latency, strict=True)),
        folders,
        [note for path, result in zip(quality_paths, quality, strict=True) for note in unproved(path, result)]
        + stale,
        votes,
        sweeps,
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


def _refuse_strange_votes(votes: Mapping[Path, Outcome], results: Sequence[Result]) -> None:
    """Refuse votes on other images or methods than the results', and two files of one size."""
    seen: dict[Size, Path] = {}
    for path, vote in votes.items():
        if vote.size in seen:
            raise LeaderboardError(
                f"{path} and {seen[vote.size]} both hold votes at size {vote.size}: give one"
            )
        seen[vote.size] = path
        if strange := set(vote.images).difference(results[0].dataset.ids):
            raise LeaderboardError(
                f"{path} votes on image {min(strange)}, which the results do not have: give results of the "
                "dataset that was voted on"
            )
        names = {result.method.name for result in results if vote.size in result.protocol.sizes}
        voted = [strength.method for strength in vote.fit.strengths]
        if not names.intersection(voted):
            raise LeaderboardError(
                f"{path} compares {', '.join(voted)} at size {vote.size}, the results there are of "
                f"{', '.join(sorted(names)) or 'nobody'}: name the folders of df8k vote build as the methods"
            )


def _sweeps(paths: Sequence[Path], results: Sequence[Result]) -> tuple[dict[str, MaskSweep], list[str]]:
    """Read the sweeps beside results; one of an older run is left out, with a line that says so."""
    sweeps: dict[str, MaskSweep] = {}
    stale: list[str] = []
    for path, result in zip(paths, results, strict=True):
        if not sweep_path(path).is_file():
            continue
        sweep = read_sweep(sweep_path(path))
        if result.seal is not None and sweep.content_sha256 == result.seal.content_sha256:
            sweeps[result.method.name] = sweep
        else:
            stale.append(
                f"{sweep_path(path).name} belongs to another run than {path.name} and is not shown: run "
                "df8k evaluate --mask-sweep again"
            )
    return sweeps, stale
