"""Correlation of two thumbnails, as they lie or with the middle of one looked for in the other."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

_KEPT: Final = 0.7  # fraction of one image's sides that is looked for in the other
_SCALES: Final = tuple(np.geomspace(0.85, 1 / 0.85, 13))
_ROUGH_SCALES: Final = tuple(np.geomspace(0.85, 1 / 0.85, 5))
# Rough correlation below which none of 2,017 pairs of altered photographs lay that correlate by 0.7 or more
# (0.57 at least), but 97 % of unlike pairs with near hashes; a limit below 0.7 lowers it.
_ROUGH: Final = 0.45
_ROUGHLY: Final = 0.25
_DETAIL: Final = 1e-3  # grey levels; with less there is nothing to recognise, and nothing to divide by
_BLUR: Final = 3.0  # px; slower changes, such as any two evening skies share, do not count

_Pixels = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Relief:
    """Thumbnail less its slow changes, and what is prepared to compare it.

    Attributes:
        pixels: float32 ``(H, W)``.
    """

    pixels: _Pixels

    @classmethod
    def of(cls, luma: npt.NDArray[np.uint8]) -> "Relief":
        """Take the slow changes from a thumbnail, uint8 ``(H, W)``."""
        pixels = luma.astype(np.float32)
        return cls(np.asarray(pixels - cv2.GaussianBlur(pixels, (0, 0), _BLUR), dtype=np.float32))

    def in_place(self, other: "Relief") -> float:
        """Correlate the images as they lie, over what both have; 0 without detail."""
        height, width = (min(sides) for sides in zip(self.pixels.shape, other.pixels.shape, strict=True))
        here, there = self.pixels[:height, :width], other.pixels[:height, :width]
        if min(here.std(), there.std()) < _DETAIL:
            return 0.0
        return float(np.vdot(here, there) / np.sqrt(np.vdot(here, here) * np.vdot(there, there)))

    def correlation(self, other: "Relief") -> float:
        """Find the best correlation of this image's middle with any part of the other, or the reverse.

        Returns:
            in [-1, 1], over scales of ±15 %.
        """
        return max(_search(self.pixels, other.pixels), _search(other.pixels, self.pixels))

    def correlates(self, other: "Relief", least: float) -> bool:
        """Tell whether `correlation` is at least ``least``; halved reliefs say no to most unlike images."""
        rough = max(_rough(self.templates, other.half), _rough(other.templates, self.half))
        if rough < min(_ROUGH, least - _ROUGHLY):
            return False
        return self.correlation(other) >= least

    @cached_property
    def half(self) -> _Pixels:
        """Half the size."""
        height, width = (max(1, side // 2) for side in self.pixels.shape)
        return np.asarray(
            cv2.resize(self.pixels, (width, height), interpolation=cv2.INTER_AREA), dtype=np.float32
        )

    @cached_property
    def templates(self) -> list[_Pixels]:
        """Middle of the half at each scale, without mean and of length 1."""
        templates = [template - template.mean() for template in _scaled(self.half, _ROUGH_SCALES)]
        return [template / max(1e-6, float(np.linalg.norm(template))) for template in templates]


def _rough(templates: list[_Pixels], image: _Pixels) -> float:
    from .correlation_kernels import best_correlation

    return max(
        (best_correlation(template, image) for template in templates if _fits(template, image)), default=-1
    )


def _fits(template: _Pixels, image: _Pixels) -> bool:
    return all(side <= room for side, room in zip(template.shape, image.shape, strict=True))


def _scaled(pattern: _Pixels, scales: tuple[float, ...]) -> list[_Pixels]:
    height, width = pattern.shape
    top, left = round(height * (1 - _KEPT) / 2), round(width * (1 - _KEPT) / 2)
    middle = pattern[top : height - top, left : width - left]
    if middle.std() < _DETAIL:
        return []
    return [
        np.asarray(cv2.resize(middle, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR), np.float32)
        for scale in scales
    ]


def _search(pattern: _Pixels, image: _Pixels) -> float:
    templates = _scaled(pattern, _SCALES)
    best = -1.0 if templates else 0.0
    for template in templates:
        if _fits(template, image):
            response = cv2.matchTemplate(image, template, cv2.TM_CCOEFF_NORMED)
            best = max(best, float(np.nan_to_num(response, posinf=-1.0).max()))
    return best
