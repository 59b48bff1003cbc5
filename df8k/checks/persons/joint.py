"""Several detectors as one: faces by one, bodies by another."""

from typing import Final

from df8k.picture import Picture

from .base import Detector, Suspicion
from .centerface import CenterFace
from .nanodet import NanoDet
from .weight_free import WeightFree

FACES_AND_BODIES: Final = "centerface+nanodet"
FACES_AND_PEDESTRIANS: Final = "centerface+hog"
# Pedestrians are doubtful from here on: the weight-free detector alone puts nearly half of the pictures
# without anybody on the review list, and most of what it doubts rightly has a face.
_BODY: Final = 0.5


class Strongest:
    """Detectors of which the surest counts."""

    def __init__(self, name: str, *detectors: Detector) -> None:
        """Join detectors under a name; the first of equally sure ones speaks."""
        self.name = name
        self.detectors = detectors

    def suspect(self, picture: Picture) -> Suspicion:
        """Ask all; the strongest suspicion counts."""
        return max((detector.suspect(picture) for detector in self.detectors), key=lambda one: one.score)


class Reserved:
    """Weight-free detector whose weak suspicions do not count."""

    name = WeightFree.name

    def __init__(self) -> None:
        """Open the weight-free detector."""
        self.bodies = WeightFree()

    def suspect(self, picture: Picture) -> Suspicion:
        """Suspect from `_BODY` on, as sure as before where it is sure."""
        suspicion = self.bodies.suspect(picture)
        return Suspicion((suspicion.score - _BODY) / (1 - _BODY), suspicion.finding)


def faces_and_bodies() -> Detector:
    """Join CenterFace and NanoDet."""
    return Strongest(FACES_AND_BODIES, CenterFace(), NanoDet())


def faces_and_pedestrians() -> Detector:
    """Join CenterFace and the weight-free detector."""
    return Strongest(FACES_AND_PEDESTRIANS, CenterFace(), Reserved())
