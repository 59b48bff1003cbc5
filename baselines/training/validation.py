"""Validation of a method in training on fixed pictures and masks."""

from collections.abc import Callable, Sequence
from typing import Protocol

import cv2
import numpy as np

from df8k.baselines.base import Image, Inpainter, Mask

from .config import TrainingConfig
from .crops import Photograph
from .loop import Validation

_SHOWN = 4


class Texture(Protocol):
    """Distance of the textures of all cases together."""

    def update(self, output: Image, target: Image, mask: Mask, key: str) -> None:
        """Add a case; ``key`` names it."""
        ...

    def distance(self) -> float | None:
        """Compute the distance; ``None`` where the cases give none."""
        ...


class Validator:
    """Measure of a method on the centre squares of fixed pictures, one fixed mask of each preset.

    Args:
        photographs: the validation pictures; the first by identity are used.
        settings: number of photographs, side of the squares in pixels (smaller ones keep theirs), presets.
        draw: ``(preset, key, side) -> bool (side, side)``, ``True`` = missing.
        error: of the hole, of ``(output, target, mask)``; ``None`` for a hole of no pixel.
        texture: starts an empty `Texture`.
    """

    def __init__(
        self,
        photographs: Sequence[Photograph],
        settings: TrainingConfig,
        draw: Callable[[str, str, int], Mask],
        error: Callable[[Image, Image, Mask], float | None],
        texture: Callable[[], Texture],
    ) -> None:
        self._error, self._texture = error, texture
        self._cases: list[tuple[str, Image, Mask]] = []
        first = sorted(photographs, key=lambda photograph: photograph.identity)
        for photograph in first[: settings.validation_images]:
            target = _centre_square(photograph.read(), settings.validation_px)
            for preset in settings.masks:
                mask = draw(preset, f"validation|{photograph.identity}", target.shape[0])
                self._cases.append((f"{photograph.identity}|{preset}", target, mask))

    def __call__(self, inpaint: Inpainter) -> Validation:
        """Run the method on every case."""
        errors, gaps = [], []
        texture = self._texture()
        pictures: dict[str, Image] = {}
        for number, (key, target, mask) in enumerate(self._cases):
            image = target.copy()
            image[mask] = 0
            output = np.where(mask[..., None], inpaint(image.copy(), mask), target)
            error = self._error(output, target, mask)
            if error is not None:
                errors.append(error)
            gaps.append(abs(float(np.log(_gradient_energy(output, mask) / _gradient_energy(target, mask)))))
            texture.update(output, target, mask, key)
            if number < _SHOWN:
                pictures[f"validation/{number}"] = np.concatenate((image, output, target), axis=1)
        values = {"l1.hole": float(np.mean(errors)), "energy-gap": float(np.mean(gaps))}
        distance = texture.distance()
        if distance is not None:
            values["swd"] = distance
        return Validation(values, pictures)


def _centre_square(image: Image, side: int) -> Image:
    short = min(image.shape[:2])
    top, left = (image.shape[0] - short) // 2, (image.shape[1] - short) // 2
    square = np.ascontiguousarray(image[top : top + short, left : left + short])
    if short > side:
        square = cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA).astype(np.uint8)
    return square


def _gradient_energy(image: Image, mask: Mask) -> float:
    """Average the absolute difference of neighbouring missing pixels; never 0, for the logarithm."""
    grey = image.astype(np.float32).mean(axis=2)
    down, right = mask[1:] & mask[:-1], mask[:, 1:] & mask[:, :-1]
    total = np.abs(np.diff(grey, axis=0))[down].sum() + np.abs(np.diff(grey, axis=1))[right].sum()
    return float(total / max(1, down.sum() + right.sum())) + 1e-3
