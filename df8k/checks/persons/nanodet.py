"""Bodies by NanoDet on onnxruntime: small, far and turned away, where no face can be seen."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from df8k.picture import Picture

from .base import Suspicion
from .graph_model import read_graph_model
from .runtime import has_runtime, open_session, require_runtime
from .weights import NANODET, NANODET_GRAPH, find_weights, required_weights

NAME: Final = "nanodet"
_SIDE: Final = 416  # px of the square that the network sees
# Of the published training: means and deviations of blue, green and red.
_MEAN: Final = np.array([103.53, 116.28, 123.675], np.float32)
_DEVIATION: Final = np.array([57.375, 57.12, 58.395], np.float32)
_SCORES: Final = ("Identity", "Identity_1", "Identity_2")  # probabilities at strides of 8, 16 and 32 px
_PERSON: Final = 0  # class of COCO
_OVERLAP: Final = 104  # px that neighbouring squares share, a quarter of their side


class _View(NamedTuple):
    """A size at which the picture is looked at; squares cover what is larger than one.

    Attributes:
        long_side: px.
        uncertain: probability of a person from which on a person should look.
        certain: from which on it is sure, above all that 342 photographs of nobody reach.
    """

    long_side: int
    uncertain: float
    certain: float


# Rock that fills the picture reaches 0.65 in the first, and columns in the second 0.72.
_VIEWS: Final = (_View(_SIDE, 0.35, 0.66), _View(640, 0.5, 0.73))

Image = npt.NDArray[np.uint8]


def usable() -> bool:
    """Tell whether weights and runtime are on this machine."""
    return has_runtime() and None not in (find_weights(NANODET_GRAPH), find_weights(NANODET))


class NanoDet:
    """NanoDet (RangiLyu 2020) with the weights trained on COCO, which the package human-models carries.

    It looks at the whole picture, and at its parts for smaller persons; each square once as it is and once
    mirrored. The mean of both counts, for what is no person is seldom one in the mirror too.
    """

    name = NAME

    def __init__(self) -> None:
        """Find the network.

        Raises:
            BuildError: a file or the runtime is not on this machine.
        """
        values, graph = required_weights(NAME, NANODET, NANODET_GRAPH)
        require_runtime(NAME)
        self._paths = graph, values

    @cached_property
    def _session(self) -> Any:
        return open_session(read_graph_model(*self._paths))

    def suspect(self, picture: Picture) -> Suspicion:
        """Take the most probable person of all views, each by its own limits."""
        return max((self._suspect(picture, view) for view in _VIEWS), key=lambda one: one.score)

    def _suspect(self, picture: Picture, view: _View) -> Suspicion:
        probability = max(
            float(
                np.mean([self.probability(look) for look in (square, np.ascontiguousarray(square[:, ::-1]))])
            )
            for square in squares(picture, view.long_side)
        )
        score = (probability - view.uncertain) / (view.certain - view.uncertain)
        return Suspicion(score, f"body probability {probability:.2f} at {view.long_side} px")

    def probability(self, square: Image) -> float:
        """Find the probability of the most probable person, of uint8 RGB ``(416, 416, 3)``."""
        pixels = (square[..., ::-1].astype(np.float32) - _MEAN) / _DEVIATION
        (entry,) = self._session.get_inputs()
        scores = self._session.run(list(_SCORES), {entry.name: pixels.transpose(2, 0, 1)[None]})
        return max(float(score[0, :, _PERSON].max()) for score in scores)


def squares(picture: Picture, long_side: int) -> Iterator[Image]:
    """Bring a picture to a long side, smaller ones too, and cover it with the network's squares.

    Yields:
        uint8 RGB ``(416, 416, 3)``; black where the picture is smaller than that.
    """
    scale = long_side / max(picture.width, picture.height)
    image = picture.reduced(long_side)
    if scale > 1:
        size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    for row in _starts(image.shape[0]):
        for column in _starts(image.shape[1]):
            yield _centred(image[row : row + _SIDE, column : column + _SIDE])


def _starts(length: int) -> list[int]:
    """Spread squares evenly over a side, with `_OVERLAP` or more in common."""
    rest = max(0, length - _SIDE)
    steps = -(-rest // (_SIDE - _OVERLAP))
    return [round(step * rest / max(1, steps)) for step in range(steps + 1)]


def _centred(image: Image) -> Image:
    """Lay what is at most a square into the middle of a black one."""
    square = np.zeros((_SIDE, _SIDE, 3), np.uint8)
    row, column = ((_SIDE - length) // 2 for length in image.shape[:2])
    square[row : row + image.shape[0], column : column + image.shape[1]] = image
    return square
