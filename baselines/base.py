"""What every inpainting method offers, and the checks that all of them share."""

from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


class MethodError(ValueError):
    """A method cannot work with what it was given; the message says why and what to do."""


class MethodFailedError(MethodError):
    """A foreign method gave no answer.

    Attributes:
        kind: ``error``, ``crash``, ``timeout``, ``out-of-memory`` or ``wrong-output``.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, kw_only=True)
class MethodCard:
    """Who made a method, what it is and which weights it runs with.

    Attributes:
        name: registered name, lower-kebab.
        version: changes whenever the method's output may change.
        summary: one line for tables.
        source: paper or implementation it follows, with section.
        licence: licence of code and, where there are any, of weights.
        parameters: learned parameters used at inference.
        weights_sha256: hash of the weights file; ``None`` for methods without weights.
        untrained: True when a learned method runs on random weights; such results stay off the board.
        settings: every option that changes the output.
    """

    name: str
    version: str
    summary: str
    source: str
    licence: str
    parameters: int = 0
    weights_sha256: str | None = None
    untrained: bool = False
    settings: dict[str, Any] = field(default_factory=dict)


@runtime_checkable
class Inpainter(Protocol):
    """A method: any callable with a card."""

    @property
    def card(self) -> MethodCard:
        """Name, version, source and weights of the method."""
        ...

    def __call__(self, image: Image, mask: Mask) -> Image:
        """Fill the hole.

        Args:
            image: uint8 RGB ``(H, W, 3)``; whatever stands under the hole carries no meaning.
            mask: bool ``(H, W)``, ``True`` = missing.

        Returns:
            A new uint8 RGB ``(H, W, 3)`` array; neither argument is changed.
        """
        ...


def check_inputs(image: Image, mask: Mask) -> None:
    """Check the arrays of one call.

    Raises:
        MethodError: wrong dtype, shape or rank, or an empty image.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise MethodError(f"image must be uint8 of shape (H, W, 3); got {image.dtype} {image.shape}")
    if mask.dtype != np.bool_ or mask.shape != image.shape[:2]:
        raise MethodError(
            f"mask must be bool of shape {image.shape[:2]} (True = missing); got {mask.dtype} {mask.shape}"
        )
    if image.size == 0:
        raise MethodError(f"image is empty: shape {image.shape}")
