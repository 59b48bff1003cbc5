"""Align two images by their features: the turn, scale and shift that most of them agree on."""

from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from .features import Features

_DISTANCE: Final = 72  # bits of 256 within which two corners may be the same
_MATCHES: Final = 64  # of the best are looked at
_TOLERANCE: Final = 6.0  # px
_SCALES: Final = (0.4, 2.5)
_BLUR: Final = 3.0  # px; slower changes, such as any two evening skies share, do not count
_ALIGNED: Final = 6  # corners that agree, at least

_Pixels = npt.NDArray[np.float32]


class Alignment(NamedTuple):
    """Similarity ``turn * point + shift`` from one image to another, in pixels of 320.

    Attributes:
        turn: complex; its absolute value is the scale.
        shift: complex.
        support: corners that agree on it.
    """

    turn: complex
    shift: complex
    support: int


class Overlap(NamedTuple):
    """What two aligned images share.

    Attributes:
        correlation: in [-1, 1].
        fraction: of the smaller image that is shared.
        extent: pixels that the correlation stands on.
    """

    correlation: float
    fraction: float
    extent: float


def align(first: Features, second: Features) -> Alignment | None:
    """Find how the first image lies in the second; ``None`` where too few corners agree.

    Every two matches propose a similarity, all are tried: nothing is drawn at random.
    """
    if min(len(first.points), len(second.points)) < _ALIGNED:
        return None
    from .corner_kernels import fitted, matched, most_agreed

    pairs = matched(first.codes, second.codes, _DISTANCE, _MATCHES)
    if pairs.shape[1] < _ALIGNED:
        return None
    here, there = first.points[pairs[0]], second.points[pairs[1]]
    turn, shift, support = most_agreed(here, there, _TOLERANCE, _SCALES)
    if support < _ALIGNED:
        return None
    for _ in range(3):
        turn, shift, support = fitted(here, there, _TOLERANCE, turn, shift)
        if support < _ALIGNED:
            return None
    return Alignment(turn, shift, support)


def overlap(first: _Pixels, second: _Pixels, alignment: Alignment, scale: float) -> Overlap:
    """Correlate what two aligned images share, less its slow changes.

    Args:
        first: luma ``(H, W)``.
        second: likewise.
        alignment: of the first in the second.
        scale: pixels of these images for one of those that were aligned.
    """
    turn, shift = alignment.turn, alignment.shift * scale
    if abs(turn) > 1:  # into the coarser of the two: nothing is enlarged
        first, second, turn, shift = second, first, 1 / turn, -shift / turn
    fine = cv2.GaussianBlur(first, (0, 0), max(0.01, 0.5 * (abs(turn) ** -2 - 1) ** 0.5))
    height, width = second.shape
    matrix = np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])
    laid = cv2.warpAffine(fine, matrix, (width, height), flags=cv2.INTER_LINEAR)
    inside = cv2.warpAffine(np.ones_like(first), matrix, (width, height), flags=cv2.INTER_LINEAR)
    shared = (inside > 0.99).astype(np.float32)
    smaller = min(second.size, first.size * abs(turn) ** 2)
    fraction = float(shared.sum() / smaller)
    weights = np.maximum(cv2.GaussianBlur(shared, (0, 0), _BLUR), 1e-6)
    here, there = (_relief(image, shared, weights) for image in (laid, second))
    weight = float(np.sqrt((here * here).sum() * (there * there).sum()))
    correlation = float((here * there).sum()) / weight if weight > 0 else 0.0
    return Overlap(correlation, fraction, min(_extent(here), _extent(there)))


def _extent(relief: _Pixels) -> float:
    """Count the pixels that a relief stands on: few where all of it is one bright thing in a calm picture."""
    power = relief.astype(np.float64) ** 2
    return float(power.sum() ** 2 / max((power * power).sum(), 1e-12))


def _relief(image: _Pixels, shared: _Pixels, weights: _Pixels) -> _Pixels:
    """Take the slow changes from an image within its shared region; zero elsewhere."""
    slow = cv2.GaussianBlur(image * shared, (0, 0), _BLUR) / weights
    return np.asarray((image - slow) * shared, dtype=np.float32)
