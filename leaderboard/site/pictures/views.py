"""Write what an image page shows: the whole picture, and crops of its own pixels around the hole."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from _df8k.gate import GateError, checked_id, inside
from df8k.baselines import MethodFailedError
from df8k.dataset import Sample
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.protocol.task import Task, fits, make_task
from df8k.leaderboard.results.filled_pictures import FilledPictures

from .thumbnails import HOLE, ORIGINAL, method_source, with_hole, write_thumbnail

_WHOLE_SIDE: Final = 1024
_CROP_SIDE: Final = 512
_CROPS: Final = 3
INPUT: Final = "input"
# Crops are judged pixel by pixel, the whole picture is for orientation.
_CROP_FORMAT: Final[dict[str, Any]] = {"lossless": True, "quality": 0, "method": 0}
_WHOLE_FORMAT: Final[dict[str, Any]] = {"quality": 88, "method": 1}


@dataclass(frozen=True)
class Crop:
    """Rectangle in pixels."""

    x: int
    y: int
    width: int
    height: int

    def of(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Cut it out of an array ``(H, W, ...)``."""
        return array[self.y : self.y + self.height, self.x : self.x + self.width]


def predictions_path(result: Path) -> Path:
    """Name the folder of filled pictures ``SIZE/ID.png`` that lies beside RESULT.json by convention."""
    return result.with_suffix(".predictions")


def crops(mask: npt.NDArray[np.bool_], side: int = _CROP_SIDE, count: int = _CROPS) -> list[Crop]:
    """Choose the crops that hold the most of the hole and of its surroundings at once.

    Args:
        mask: bool ``(H, W)``, ``True`` = missing.
        side: of the crops in pixels; a smaller picture has none.
        count: crops at most; none is without hole, and none repeats another's centre.
    """
    height, width = mask.shape
    if min(height, width) <= side:
        return []
    remaining = mask.astype(np.uint8)
    ranked_crops: list[Crop] = []
    step = side // 8
    ys = [*range(0, height - side, step), height - side]
    xs = [*range(0, width - side, step), width - side]
    known = side * side - _sums(remaining, ys, xs, side)
    for _ in range(count):
        score = np.minimum(_sums(remaining, ys, xs, side), known)
        row, column = np.unravel_index(int(score.argmax()), score.shape)
        if score[row, column] < side:
            break
        crop = Crop(xs[column], ys[row], side, side)
        ranked_crops.append(crop)
        crop.of(remaining)[:] = 0
    return ranked_crops


def _sums(array: npt.NDArray[np.uint8], ys: list[int], xs: list[int], side: int) -> npt.NDArray[np.float64]:
    """Sum over the square at each ``(y, x)``, from the integral image."""
    total = cv2.integral(array, sdepth=cv2.CV_64F)
    lower, right = [y + side for y in ys], [x + side for x in xs]
    ends = total[np.ix_(lower, right)] + total[np.ix_(ys, xs)]
    return np.asarray(ends - total[np.ix_(lower, xs)] - total[np.ix_(ys, right)])


def outline(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    """Draw the boundary of the hole, uint8 RGBA ``(H, W, 4)``: white within black, transparent elsewhere."""
    height, width = mask.shape
    drawing = np.zeros((height, width, 4), np.uint8)
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(drawing, contours, -1, (0, 0, 0, 255), 3)
    cv2.drawContours(drawing, contours, -1, (255, 255, 255, 255), 1)
    return drawing


def write_views(
    sample: Sample,
    size: Size,
    predictions: Mapping[str, FilledPictures],
    folder: Path,
    thumbnails: Path | None = None,
) -> dict[str, Any] | None:
    """Write the views of one image at one size; known pixels are the input's, as in scoring.

    Args:
        sample: an image with a mask.
        size: side length in pixels, or ``native``.
        predictions: file-safe name of a method that was scored on this image → its pictures. One that cannot
            be read is not shown.
        folder: where the files go.
        thumbnails: where the thumbnails of this image go, if they are to show this size; original and hole
            have one even where no method filled it.

    Returns:
        Methods and views, as the viewer needs them; ``None`` where the image is too small or no method filled
        it.

    Raises:
        LeaderboardError: a picture is of another shape, or a link that leads out of its folder.
    """
    if not fits(sample.metadata, size):
        return None
    present = {name: files for name, files in predictions.items() if files.path(size, checked_id(sample.id))}
    if not present and thumbnails is None:
        return None
    task = make_task(sample, size)
    if thumbnails is not None:
        write_thumbnail(thumbnails, ORIGINAL, task.target)
        write_thumbnail(thumbnails, HOLE, with_hole(task.target, task.mask))
    named_crops = {"whole": Crop(0, 0, *task.mask.shape[::-1])}
    named_crops |= {f"crop-{index}": crop for index, crop in enumerate(crops(task.mask), start=1)}
    small = min(1.0, _WHOLE_SIDE / max(task.mask.shape))
    filled = []
    for name, files in present.items():
        picture = _read(files, size, sample.id, task)
        if picture is None:
            continue
        folder.mkdir(parents=True, exist_ok=True)
        composited = task.composite(picture)
        _write_source(folder, method_source(name), composited, named_crops, small)
        if thumbnails is not None:
            write_thumbnail(thumbnails, method_source(name), composited)
        filled.append(name)
    if not filled:
        return None
    views = _write_outlines(folder, task, named_crops, small)
    _write_source(folder, ORIGINAL, task.target, named_crops, small)
    _write_source(folder, INPUT, task.method_input()[0], named_crops, small)
    return {"size": str(size), "methods": filled, "views": views}


def _write_outlines(
    folder: Path, task: Task, named_crops: Mapping[str, Crop], small: float
) -> list[dict[str, Any]]:
    """Write the boundary of the hole in each view, and describe the views."""
    views = []
    for name, crop in named_crops.items():
        scale = small if name == "whole" else 1.0
        boundary = outline(_scaled_mask(crop.of(task.mask), scale))
        Image.fromarray(boundary).save(folder / f"{name}-outline.png")
        views.append(
            {
                "name": name,
                "width": boundary.shape[1],
                "height": boundary.shape[0],
                "window": [crop.x, crop.y, crop.width, crop.height],
            }
        )
    return views


def _write_source(
    folder: Path, source: str, image: npt.NDArray[np.uint8], named_crops: Mapping[str, Crop], small: float
) -> None:
    for name, crop in named_crops.items():
        view = crop.of(image)
        options = _CROP_FORMAT
        if name == "whole" and small < 1:
            view = cv2.resize(view, _scaled(view, small), interpolation=cv2.INTER_AREA)
            options = _WHOLE_FORMAT
        Image.fromarray(view).save(folder / f"{name}-{source}.webp", **options)


def _scaled(array: npt.NDArray[Any], scale: float) -> tuple[int, int]:
    return max(1, round(array.shape[1] * scale)), max(1, round(array.shape[0] * scale))


def _scaled_mask(mask: npt.NDArray[np.bool_], scale: float) -> npt.NDArray[np.bool_]:
    if scale == 1:
        return mask
    small = cv2.resize(mask.astype(np.uint8) * 255, _scaled(mask, scale), interpolation=cv2.INTER_AREA)
    return np.asarray(small > 127)


def _read(files: FilledPictures, size: Size, image_id: str, task: Task) -> npt.NDArray[np.uint8] | None:
    """Read a picture as it was scored; ``None`` where it cannot be."""
    path = files.path(size, image_id)
    try:
        if path is not None:
            inside(files.root, path.relative_to(files.root).as_posix())
        picture = files.decode(size, image_id)
    except GateError as fault:
        raise LeaderboardError(str(fault)) from fault
    except MethodFailedError:
        return None
    if picture.shape != task.target.shape:
        words = f"{path} holds {picture.shape}, expected {task.target.shape}"
        raise LeaderboardError(f"{words}: give the pictures of this dataset")
    return picture
