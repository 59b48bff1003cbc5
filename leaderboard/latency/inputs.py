"""Give the pictures that are filled while time is taken: of a dataset, or procedural scenes of any size."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from df8k import masks
from df8k.dataset import Dataset, Sample
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.protocol.sizes import Size, extent
from df8k.leaderboard.protocol.task import Task, fits, make_task, reduced_crop
from df8k.scenes import KINDS, render

# Scenes are drawn in floats; beyond this they are mirrored, so that detail keeps its scale in pixels.
_SCENE_PX: Final = 2048
# Missing shares in bins of a tenth: the holes that latency against hole area is fitted to.
AREA_PRESETS: Final = tuple(f"ratio-{number}-border" for number in range(1, 7))


@dataclass(frozen=True)
class Picture:
    """Picture that latency is measured on.

    Attributes:
        name: image ID, or what names a procedural scene.
        task: the picture and its hole.
    """

    name: str
    task: Task


class Material(Protocol):
    """Gives the pictures of a size."""

    @property
    def name(self) -> str:
        """Name of it in results."""
        ...

    @property
    def fingerprint(self) -> str:
        """Changes with the pictures."""
        ...

    def pictures(self, size: Size) -> list[Picture]:
        """Give the pictures; empty when none is large enough."""
        ...


@dataclass(frozen=True)
class Procedural:
    """Scenes with holes of a preset; the same on every machine.

    Attributes:
        count: pictures per size.
        preset: mask preset.
    """

    count: int = 3
    preset: str = "df8k"

    @property
    def name(self) -> str:
        """See `Material`."""
        return "procedural scenes"

    @property
    def fingerprint(self) -> str:
        """See `Material`."""
        return f"scenes of df8k.scenes, {self.count}, {masks.find_preset(self.preset).full_name}"

    def pictures(self, size: Size) -> list[Picture]:
        """See `Material`.

        Raises:
            LeaderboardError: native, which procedural scenes do not have.
        """
        frame = _frame(size)
        return [_scene(index, frame, self.preset) for index in range(self.count)]


@dataclass(frozen=True)
class FromDataset:
    """First pictures of a split, by ID, that are large enough, with their own holes or those of a preset.

    Attributes:
        dataset: a split; with masks unless a preset is given.
        count: pictures per size.
        preset: mask preset; ``None`` for the dataset's fixed masks.
    """

    dataset: Dataset
    count: int = 3
    preset: str | None = None

    @property
    def name(self) -> str:
        """See `Material`."""
        description = self.dataset.description
        return f"{description.name} {description.version}, {self.dataset.split}"

    @property
    def fingerprint(self) -> str:
        """See `Material`."""
        drawn = "" if self.preset is None else f", {masks.find_preset(self.preset).full_name} for each frame"
        return f"{self.dataset.description.fingerprint}, {self.count}{drawn}"

    def pictures(self, size: Size) -> list[Picture]:
        """See `Material`.

        Raises:
            LeaderboardError: the split has no masks, and no preset is given.
            df8k.DatasetError: a file is damaged.
        """
        fitting = [sample for sample in self.dataset if fits(sample.metadata, size)][: self.count]
        return [Picture(sample.id, self._task(sample, size)) for sample in fitting]

    def _task(self, sample: Sample, size: Size) -> Task:
        if self.preset is None:
            return make_task(sample, size)
        image = sample.image
        width, height = extent(size) or (image.shape[1], image.shape[0])
        drawn = masks.synthesize(aspect=(width, height), preset=self.preset, key=f"latency|{sample.id}")
        return Task(reduced_crop(image, width, height), drawn.rasterize(width, height))


def hole_series(size: Size) -> list[Picture]:
    """Give one scene with holes of about 5, 15, … 55 %: latency against hole area is fitted to these."""
    frame = _frame(size)
    return [_scene(0, frame, preset) for preset in AREA_PRESETS]


def _frame(size: Size) -> tuple[int, int]:
    frame = extent(size)
    if frame is None:
        raise LeaderboardError(
            "procedural scenes have no native size: give sizes in pixels, or pictures by --data"
        )
    return frame


def _scene(index: int, frame: tuple[int, int], preset: str) -> Picture:
    width, height = frame
    kinds = sorted(KINDS)
    name = f"{kinds[index % len(kinds)]}-{index}"
    drawn = _drawn(kinds[index % len(kinds)], min(width, _SCENE_PX), min(height, _SCENE_PX), name)
    down, right = height - drawn.shape[0], width - drawn.shape[1]
    image = np.asarray(cv2.copyMakeBorder(drawn, 0, down, 0, right, cv2.BORDER_REFLECT), dtype=np.uint8)
    vector = masks.synthesize(aspect=frame, preset=preset, key=f"latency|{index}")
    return Picture(f"{name}, {preset}", Task(image, vector.rasterize(width, height)))


@lru_cache(maxsize=8)
def _drawn(kind: str, width: int, height: int, key: str) -> npt.NDArray[np.uint8]:
    return render(kind, width, height, key)


def hole_pixels(pictures: Sequence[Picture]) -> list[int]:
    """Count the missing pixels of each picture."""
    return [int(np.count_nonzero(picture.task.mask)) for picture in pictures]
