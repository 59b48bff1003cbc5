"""Detectors of persons. A new one is one file here and one line in ``_DETECTORS``, or any ``module:name``."""

from collections.abc import Callable
from functools import cache
from importlib import import_module

from df8k.errors import BuildError

from . import centerface, joint, learned, nanodet, weight_free
from .base import Detector, Suspicion
from .weights import WEIGHTS, find_weights

__all__ = [
    "AUTO",
    "WEIGHTS",
    "Detector",
    "Suspicion",
    "find_weights",
    "open_detector",
    "resolve",
]

AUTO = "auto"
_DETECTORS: dict[str, Callable[[], Detector]] = {
    learned.NAME: learned.Learned,
    joint.FACES_AND_BODIES: joint.faces_and_bodies,
    joint.FACES_AND_PEDESTRIANS: joint.faces_and_pedestrians,
    weight_free.NAME: weight_free.WeightFree,
}


def resolve(name: str) -> str:
    """Name the detector that ``auto`` stands for on this machine; any other name stays as it is.

    The first whose weights are here is taken: Faster R-CNN, then CenterFace with NanoDet or, without the
    latter, with pedestrians, and without any the one that needs none; nothing is fetched.

    Raises:
        ValueError: no detector is called so, and it is no ``module:name``.
    """
    if name == AUTO:
        if find_weights(WEIGHTS[0]):
            return learned.NAME
        if not centerface.usable():
            return weight_free.NAME
        return joint.FACES_AND_BODIES if nanodet.usable() else joint.FACES_AND_PEDESTRIANS
    if name not in _DETECTORS and ":" not in name:
        raise ValueError(f"no detector is called {name!r}: known are {', '.join(_DETECTORS)} and module:name")
    return name


@cache
def open_detector(name: str) -> Detector:
    """Open the detector of that name, once a process.

    Raises:
        BuildError: it cannot be opened; the message says what it lacks.
    """
    if name in _DETECTORS:
        return _DETECTORS[name]()
    module, _, attribute = name.partition(":")
    try:
        factory: Callable[[], Detector] = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise BuildError(f"the detector {name!r} cannot be imported: {error}") from error
    return factory()
