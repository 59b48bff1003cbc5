"""Persons, found without learned weights to download."""

from functools import cache
from typing import Any, Final

import cv2
import numpy as np

from .base import Check, Finding, Limits
from .picture import Picture, shrink

DETECTOR: Final = "hog"
_LONG_SIDE = 320  # px: the smallest person that is found measures two fifths of the long side
_STEP = 1.15
_STRIDE = 4
_LOWEST = -4.0  # far below any threshold, so that every picture has a score


class PersonLimits(Limits):
    """Response from which on a person is certain, and from which on a person is to look."""

    certain: float = 0.75
    uncertain: float = -1.0


def person(picture: Picture, limits: PersonLimits) -> Finding:
    """Strongest response of OpenCV's pedestrian detector (Dalal and Triggs, CVPR 2005).

    It knows standing persons from 40 % of the long side on. Postures and persons that it does not know leave
    a middling response: those pictures are kept and put on the review list.
    """
    response = _strongest(picture)
    if response >= limits.certain:
        return Finding({"response": response}, f"a person, {DETECTOR} response {response:.2f}")
    if response >= limits.uncertain:
        return Finding({"response": response}, doubt=f"perhaps a person, {DETECTOR} response {response:.2f}")
    return Finding({"response": response})


def _strongest(picture: Picture) -> float:
    detector, best = _detector(), _LOWEST
    scale = _LONG_SIDE / max(picture.thumbnail.shape)
    width, height = detector.winSize
    while True:
        level = shrink(picture.thumbnail, min(1.0, scale))
        if level.shape[0] < height or level.shape[1] < width:
            return best
        # detectMultiScale of OpenCV 5.0 crashes on some sizes; one scale at a time does not.
        _, responses = detector.detect(level, hitThreshold=_LOWEST, winStride=(_STRIDE, _STRIDE))
        if len(responses):
            best = max(best, float(np.max(responses)))
        scale /= _STEP


@cache
def _detector() -> Any:
    detector = cv2.HOGDescriptor()
    detector.setSVMDetector(cv2.HOGDescriptor.getDefaultPeopleDetector())
    return detector


CHECK = Check("person", ("response",), PersonLimits, person)
