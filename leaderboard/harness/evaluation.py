"""Plan an evaluation: what is measured, and of which images."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from df8k import metrics
from df8k.dataset import Dataset, Sample
from df8k.leaderboard.calls.timing import Budget
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.protocol.sizes import SQUARES, Size, extent
from df8k.metrics.weights import Store


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Plan of what to measure, and within which budget.

    Attributes:
        sizes: side lengths in pixels, frames such as ``3840x2160``, or ``native``, each once.
        metrics: registered metrics, of pairs and of sets of pictures; `swd`, blind to contrast, brings
            `energy` along.
        limit: use only the first images of the split, by ID.
        ids: use only these images; all of them must be in the split.
        shard: ``(i, n)``: of these images, measure the i-th of n shares, counted from 1; see `merge`.
        budget: how often calls are repeated for timing; ``UNTIMED`` measures quality alone.
        workers: processes that score beside an untimed method; scores do not depend on them.
        spec: the SPEC that the method was loaded by; defaults to its name.
        device: where the method runs.
        memory: bytes that metrics may use beyond the picture, its original and the mask.
        fetch_weights: fetch weights that metrics lack; otherwise such metrics are reported as unavailable.
        command: the command line as it was typed, for the result.
    """

    sizes: Sequence[Size] = SQUARES
    metrics: Sequence[str] = ("l1", "psnr", "ssim", "haarpsi")
    limit: int | None = None
    ids: Sequence[str] | None = None
    shard: tuple[int, int] | None = None
    budget: Budget = field(default_factory=Budget)
    workers: int = 1
    spec: str | None = None
    device: str = "cpu"
    memory: int = 2 * 2**30
    fetch_weights: bool = False
    command: Sequence[str] | None = None

    def __post_init__(self) -> None:
        """Check what can be checked before the expensive part.

        Raises:
            LeaderboardError: no size, a size that is doubled or below 16, or no such shard.
            metrics.MetricError: an unknown metric.
        """
        small = any(min(extent(size) or (16,)) < 16 for size in self.sizes)
        if not self.sizes or len(set(self.sizes)) != len(self.sizes) or small:
            raise LeaderboardError(f"sizes must be distinct and at least 16 px; got {list(self.sizes)}")
        if self.shard is not None and not 1 <= self.shard[0] <= self.shard[1]:
            raise LeaderboardError(
                f"shard {self.shard[0]}/{self.shard[1]}: of n shards the first is 1/n, the last n/n"
            )
        names = [metrics.get(name).name for name in self.metrics]
        if "swd" in names and "energy" not in names:
            object.__setattr__(self, "metrics", (*self.metrics, "energy"))

    @property
    def pairwise(self) -> list[str]:
        """List metrics of one picture."""
        return [name for name in self.metrics if metrics.get(name).kind != "distribution"]

    @property
    def composited(self) -> list[str]:
        """List metrics of one picture after compositing."""
        return [name for name in self.pairwise if name not in self.raw]

    @property
    def raw(self) -> list[str]:
        """List metrics that look at what a method returned, before compositing hides it."""
        return [name for name in self.pairwise if metrics.get(name).name == "known-drift"]

    @property
    def distributions(self) -> list[str]:
        """List metrics of sets of pictures."""
        return [name for name in self.metrics if metrics.get(name).kind == "distribution"]

    @property
    def columns(self) -> list[str]:
        """List keys of the pairwise metrics, in order."""
        return [key for name in self.pairwise for key in metrics.get(name).keys]

    def unavailable(self) -> dict[str, str]:
        """List metrics whose weights are not on this machine, with the remedy."""
        store = Store(fetch=self.fetch_weights)
        missing = {}
        for name in self.metrics:
            try:
                for needed in metrics.get(name).weights:
                    store.require(needed)
            except metrics.UnavailableError as error:
                missing[name] = str(error)
        return missing

    def choose(self, dataset: Dataset) -> tuple[list[Sample], list[Sample]]:
        """Choose the images of the whole evaluation, and those of this shard.

        Raises:
            LeaderboardError: an ID that is not in the split, or a shard without images.
        """
        samples = list(dataset[: self.limit])
        if self.ids is not None:
            by_id = {sample.id: sample for sample in samples}
            if missing := [image for image in self.ids if image not in by_id]:
                raise LeaderboardError(
                    f"{len(missing)} of the images are not in the split {dataset.split} of {dataset.root}, "
                    f"such as {missing[0]}"
                )
            samples = [by_id[image] for image in sorted(set(self.ids))]
        if self.shard is None:
            return samples, samples
        index, count = self.shard
        # Every n-th image: neighbours in a dataset are often alike in size, and so in cost.
        selected = samples[index - 1 :: count]
        if not selected:
            raise LeaderboardError(f"shard {index}/{count} has no images: there are {len(samples)} in all")
        return samples, selected
