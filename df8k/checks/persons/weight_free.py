"""Persons without weights to download: OpenCV's pedestrians and scikit-image's frontal faces."""

from functools import cache
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from df8k.picture import Picture, shrink

from .base import Suspicion

NAME: Final = "hog+faces"
_LONG_SIDE = 320  # px: a pedestrian that is found measures two fifths of it or more
_STEP = 1.15
_STRIDE = 8
_LOWEST = -4.0  # far below any limit, so that every picture has a score
# Response of the pedestrian detector: at the first a person should look, at the second it is sure.
_UNCERTAIN, _CERTAIN = -1.0, 0.75
_FACE = 48  # px of the long side: a smaller face has a body that the pedestrian detector may know
_FACE_STEP = 1.25
_NEIGHBOURS = 4
_FACE_SCORE = 0.5  # never sure: clouds and house fronts have faces too


class WeightFree:
    """Dalal and Triggs' pedestrian detector (CVPR 2005), and a cascade of local binary patterns for faces.

    The one knows standing persons from 40 % of the long side on, the other frontal faces from 15 % on.
    """

    name = NAME

    def suspect(self, picture: Picture) -> Suspicion:
        """Take the stronger of the pedestrian detector's response and a face."""
        small = shrink(picture.thumbnail, min(1.0, _LONG_SIDE / max(picture.thumbnail.shape)))
        response = _strongest(picture, small)
        score = (response - _UNCERTAIN) / (_CERTAIN - _UNCERTAIN)
        if score >= _FACE_SCORE:
            return Suspicion(score, f"hog response {response:.2f}")
        if side := _largest_face(small):
            percent = 100 * side / max(small.shape)
            return Suspicion(_FACE_SCORE, f"a face of {percent:.0f} % of the long side")
        return Suspicion(score, f"hog response {response:.2f}")


def _strongest(picture: Picture, level: npt.NDArray[np.uint8]) -> float:
    """Respond to the best window of all scales, from ``level``, the largest, downwards."""
    detector, best = _pedestrians(), _LOWEST
    scale = _LONG_SIDE / max(picture.thumbnail.shape)
    width, height = detector.winSize
    while True:
        if level.shape[0] < height or level.shape[1] < width:
            return best
        # detectMultiScale of OpenCV 5.0 crashes on some sizes; one scale at a time does not.
        _, responses = detector.detect(level, hitThreshold=_LOWEST, winStride=(_STRIDE, _STRIDE))
        if len(responses):
            best = max(best, float(np.max(responses)))
        scale /= _STEP
        level = shrink(picture.thumbnail, min(1.0, scale))


def _largest_face(small: npt.NDArray[np.uint8]) -> int:
    """Find the side of the largest face in px; 0 without one."""
    shortest = min(small.shape[:2])
    if shortest < _FACE:
        return 0
    cascade, threads = _faces()
    with threads.limit(limits=1, user_api="openmp"):
        faces = cascade.detect_multi_scale(
            img=small,
            scale_factor=_FACE_STEP,
            step_ratio=1,
            min_size=(_FACE, _FACE),
            max_size=(shortest, shortest),
            min_neighbor_number=_NEIGHBOURS,
        )
    return max((int(face["width"]) for face in faces), default=0)


@cache
def _pedestrians() -> Any:
    detector = cv2.HOGDescriptor()
    detector.setSVMDetector(cv2.HOGDescriptor.getDefaultPeopleDetector())
    return detector


@cache
def _faces() -> tuple[Any, ThreadpoolController]:
    from skimage.data import lbp_frontal_face_cascade_filename
    from skimage.feature import Cascade

    # OpenCV 5 does not read this cascade's file; scikit-image does.
    return Cascade(lbp_frontal_face_cascade_filename()), ThreadpoolController()
