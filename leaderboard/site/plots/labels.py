"""Place labels beside points, so that no label covers another, or a point."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

_LETTER: Final = 6.4
_HEIGHT: Final = 13.0
_GAP: Final = 4.0
_SIDES: Final = ((1, -1), (1, 1), (-1, -1), (-1, 1), (1, 0), (-1, 0), (0, -1), (0, 1))
# How much farther than beside the point, in pixels; the last ones need a line to it.
_REACHES: Final = (0.0, 14.0, 28.0, 44.0)

_Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True)
class Spot:
    """Point of a drawing with its label, in pixels from the upper left corner.

    Attributes:
        x: of its centre.
        y: of its centre.
        radius: of its mark.
        text: empty for a point without a label, which labels keep off all the same.
    """

    x: float
    y: float
    radius: float
    text: str


@dataclass(frozen=True)
class Label:
    """Where a label goes.

    Attributes:
        x: of its centre, in pixels.
        y: of its centre, in pixels.
        led: whether it is far enough to need a line to its point.
    """

    x: float
    y: float
    led: bool


def place_labels(spots: Sequence[Spot], width: float, height: float) -> list[Label | None]:
    """Choose for each label the first place that is free, near ones first, in the order of the points.

    Args:
        spots: points with their labels.
        width: of the drawing in pixels.
        height: of the drawing in pixels.

    Returns:
        As many places; ``None`` where there is no text, or no room for it.
    """
    taken = [
        (spot.x - spot.radius, spot.y - spot.radius, spot.x + spot.radius, spot.y + spot.radius)
        for spot in spots
    ]
    labels: list[Label | None] = []
    for spot in spots:
        label = _place(spot, taken, width, height) if spot.text else None
        if label is not None:
            taken.append(rectangle(label.x, label.y, spot.text))
        labels.append(label)
    return labels


def _place(spot: Spot, taken: Sequence[_Rectangle], width: float, height: float) -> Label | None:
    half = len(spot.text) * _LETTER / 2
    for reach, (across, down) in product(_REACHES, _SIDES):
        apart = spot.radius + _GAP
        x = spot.x + across * (apart + 0.6 * reach + half)
        y = spot.y + down * (apart + reach) * (0.75 if across else 1.4)
        label = rectangle(x, y, spot.text)
        inside = label[0] >= 0 and label[1] >= 0 and label[2] <= width and label[3] <= height
        if inside and not any(_overlap(label, other) for other in taken):
            return Label(x, y, reach > 0)
    return None


def _overlap(one: _Rectangle, other: _Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def rectangle(x: float, y: float, text: str) -> _Rectangle:
    """Measure the room of a label around its centre: left, top, right, bottom in pixels."""
    half = len(text) * _LETTER / 2
    return x - half, y - _HEIGHT / 2, x + half, y + _HEIGHT / 2
