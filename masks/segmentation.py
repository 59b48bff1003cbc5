"""Object-shaped holes: silhouettes from a label map, moved to where they hide something else.

The rules are those that LaMa publishes for its segmentation masks. They are fractions of the frame, so they
hold at every size; LaMa's detector is not needed, any label map will do.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from .errors import MaskError
from .raster.lattice import Frame, reduced
from .raster.outlines import outline
from .raster.primitives import Primitive
from .raster.spans import draw
from .seeding import Stream
from .vector import VectorMask

_Kind = TypeVar("_Kind", bound=np.generic)

_TRACED_SIDE: Final = 192  # outlines are traced on at most this short side
_COLUMNS: Final = 64  # and placed on a map of this many columns


@dataclass(frozen=True)
class PlacementRules:
    """Limits on holes, as LaMa's segmentation masks keep them: fractions.

    Attributes:
        largest_object: of the frame; larger objects are background.
        variants: holes made of each object at most.
        scale: largest change of a hole's size, up or down from its object's.
        shift: largest move up or down, of the frame's height.
        hidden: of a hole that may lie outside the frame.
        overlap: of a hole, or of an earlier one of the same object, that both may share.
        foreground: of a hole that may lie on objects, and of all objects that it may cover.
        smallest_hole: of the frame.
    """

    largest_object: float = 0.3
    variants: int = 4
    scale: float = 0.25
    shift: float = 0.1
    hidden: float = 0.2
    overlap: float = 0.5
    foreground: float = 0.5
    smallest_hole: float = 0.02


LAMA_PLACEMENT: Final = PlacementRules()


def from_segmentation(
    labels: npt.NDArray[np.integer],
    *,
    key: str,
    background: Collection[int] = (0,),
    rules: PlacementRules = LAMA_PLACEMENT,
) -> list[VectorMask]:
    """Make object-shaped holes from a label map.

    Each object's outline is scaled, perhaps mirrored, moved up or down a little and placed at a random column
    where the rules allow it.

    Args:
        labels: integers ``(H, W)``, one number for each object; its aspect becomes the masks' aspect.
        key: any stable text, usually the image's id.
        background: labels that are no objects.
        rules: limits on a placement.

    Returns:
        One mask for each hole, objects in the order of their labels; empty if nothing can be placed.

    Raises:
        MaskError: not an integer map.
    """
    is_map = isinstance(labels, np.ndarray) and labels.ndim == 2 and labels.dtype.kind in "iu"
    if not is_map or not labels.size:
        kind = f"{getattr(labels, 'dtype', type(labels))} of shape {getattr(labels, 'shape', 'none')}"
        raise MaskError(f"a label map is an integer array (H, W); found {kind}")
    frame = Frame(reduced((labels.shape[1], labels.shape[0])))
    small = _sampled(labels, frame)
    objects = [int(label) for label in np.unique(small) if int(label) not in background]
    coarse = _COLUMNS, max(1, round(_COLUMNS * labels.shape[0] / labels.shape[1]))
    foreground = _sampled_to(np.isin(small, objects), *coarse)
    made: list[VectorMask] = []
    for label in objects:
        region = small == label
        shape = outline(region, frame) if region.mean() < rules.largest_object else None
        if shape is None or len(shape) < 7:
            continue
        stream = Stream(f"df8k-masks|segmentation-v1|{key}|{label}")
        placer = _Placer(frame, coarse, foreground, rules, stream)
        made += [_mask(frame, placed) for placed in placer.variants(shape)]
    return made


def _mask(frame: Frame, shape: Primitive) -> VectorMask:
    origin: dict[str, str | int] = {"family": "object", "preset": "segmentation-v1"}
    return VectorMask(frame, (shape,), origin)


def _sampled(labels: npt.NDArray[np.integer], frame: Frame) -> npt.NDArray[np.integer]:
    side = min(_TRACED_SIDE, *labels.shape)
    return _sampled_to(labels, *frame.size_at(side))


def _sampled_to(values: npt.NDArray[_Kind], width: int, height: int) -> npt.NDArray[_Kind]:
    rows = (2 * np.arange(height) + 1) * values.shape[0] // (2 * height)
    columns = (2 * np.arange(width) + 1) * values.shape[1] // (2 * width)
    sampled: npt.NDArray[_Kind] = values[rows[:, None], columns]
    return sampled


class _Placer:
    """Placer of one object on the coarse map."""

    def __init__(
        self,
        frame: Frame,
        coarse: tuple[int, int],
        foreground: npt.NDArray[np.bool_],
        rules: PlacementRules,
        stream: Stream,
    ) -> None:
        self._frame = frame
        self._coarse = coarse
        self._foreground = foreground
        self._rules = rules
        self._stream = stream

    def variants(self, shape: Primitive) -> list[Primitive]:
        """Draw up to the allowed number of placements of an outline."""
        earlier: list[npt.NDArray[np.bool_]] = []
        placements: list[Primitive] = []
        for _ in range(self._rules.variants):
            resized = self._resized(shape)
            candidates = [
                (moved, hole)
                for moved in self._moved_sideways(resized)
                if self._allowed(hole := self._on_map(moved), resized, earlier)
            ]
            if candidates:
                moved, hole = candidates[self._stream.between(0, len(candidates) - 1)]
                placements.append(moved)
                earlier.append(hole)
            else:
                self._stream.word()
        return placements

    def _resized(self, shape: Primitive) -> Primitive:
        spread, lift = round(1024 * self._rules.scale), round(1024 * self._rules.shift)
        scale = self._stream.between(1024 - spread, 1024 + spread)
        mirror = -1 if self._stream.chance(1, 2) else 1
        rise = self._stream.between(-lift, lift) * self._frame.extent[1] // 1024
        xs, ys = shape[1::2], shape[2::2]
        x, y = (min(xs) + max(xs)) // 2, (min(ys) + max(ys)) // 2
        corners: list[int] = []
        for corner_x, corner_y in zip(xs, ys, strict=True):
            corners += [
                x + mirror * ((corner_x - x) * scale // 1024),
                y + rise + (corner_y - y) * scale // 1024,
            ]
        return ("p", *corners)

    def _moved_sideways(self, shape: Primitive) -> list[Primitive]:
        middle = (min(shape[1::2]) + max(shape[1::2])) // 2
        width = self._frame.extent[0]
        steps = [(2 * column + 1) * width // (2 * _COLUMNS) - middle for column in range(_COLUMNS)]
        return [
            ("p", *(value + step * (index % 2 == 0) for index, value in enumerate(shape[1:])))
            for step in steps
        ]

    def _on_map(self, shape: Primitive) -> npt.NDArray[np.bool_]:
        return draw(self._frame, (shape,), *self._coarse).raster()

    def _allowed(
        self, hole: npt.NDArray[np.bool_], shape: Primitive, earlier: list[npt.NDArray[np.bool_]]
    ) -> bool:
        rules, cells = self._rules, int(hole.sum())
        if cells <= rules.smallest_hole * hole.size:
            return False
        width, height = self._frame.extent
        whole = abs(_doubled_area(shape)) / 2 / (width * height) * hole.size
        if cells < (1 - rules.hidden) * whole:
            return False
        on_objects = int((hole & self._foreground).sum())
        if on_objects > rules.foreground * min(cells, int(self._foreground.sum())):
            return False
        return all(
            int((hole & other).sum()) <= rules.overlap * min(cells, int(other.sum())) for other in earlier
        )


def _doubled_area(polygon: Primitive) -> int:
    xs, ys = polygon[1::2], polygon[2::2]
    return sum(int(xs[index - 1] * ys[index] - xs[index] * ys[index - 1]) for index in range(len(xs)))
