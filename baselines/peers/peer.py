"""Method of another package: its process, the pictures that it takes, and what is said where it is absent."""

import shlex
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import cv2
import numpy as np

from df8k.baselines.adapters import Limits
from df8k.baselines.adapters.command import Command
from df8k.baselines.adapters.python import PythonWorker
from df8k.baselines.base import (
    Closable,
    CountsMemory,
    Image,
    Inpainter,
    Mask,
    MethodCard,
    MethodError,
    MethodFailedError,
    check_inputs,
)
from df8k.baselines.mean import MeanFill

SECONDS = 600.0


class PeerFill:
    """Fill the hole with a foreign method, and keep the contract where that method would not.

    Pixels under the hole are zeroed before it sees them, known pixels are put back. Where the known region
    holds no whole patch there is nothing to copy, and the hole gets the mean colour of what is known.

    Attributes:
        card: name, version of the package and its licence.
    """

    def __init__(
        self,
        card: MethodCard,
        connect: Callable[[], Inpainter],
        *,
        megapixels: float,
        patch_px: int,
    ) -> None:
        """Keep what the calls need; no process starts before the first.

        Args:
            card: name, version and settings.
            connect: makes the adapter that runs the method.
            megapixels: largest picture that is handed over, in millions of pixels. By default a size of the
                ladder at which a call takes at most about half a minute of a processor, with 34 % missing.
            patch_px: side of the square that must be known somewhere.
        """
        self.card = card
        self._connect, self._megapixels = connect, megapixels
        self._patch = np.ones((patch_px, patch_px), np.uint8)
        self._inner: Inpainter | None = None

    def __call__(self, image: Image, mask: Mask) -> Image:
        """Fill the hole; see `baselines.Inpainter`.

        Raises:
            MethodFailedError: the picture is larger than the method is run at, or the method gave no answer.
        """
        check_inputs(image, mask)
        if not mask.any():
            return image.copy()
        if mask.size > self._megapixels * 1e6:
            raise MethodFailedError(
                "error",
                f"{self.card.name} is run up to {self._megapixels:g} megapixels, beyond which a call takes "
                f"more than half a minute; got {mask.shape[1]} x {mask.shape[0]}: give a smaller picture, or "
                "megapixels=N",
            )
        if not self._has_whole_patch(mask):
            return MeanFill()(image, mask)
        zeroed = image.copy()
        zeroed[mask] = 0
        if self._inner is None:
            self._inner = self._connect()
        output = self._inner(zeroed, mask)
        return np.where(mask[..., None], output, image)

    @property
    def peak_bytes(self) -> int:
        """Highest resident memory of its process; see `baselines.base.CountsMemory`."""
        return self._inner.peak_bytes if isinstance(self._inner, CountsMemory) else 0

    def close(self) -> None:
        """End its process; see `baselines.base.Closable`."""
        if self._inner is not None and isinstance(self._inner, Closable):
            self._inner.close()
        self._inner = None

    def _has_whole_patch(self, mask: Mask) -> bool:
        known = (~mask).view(np.uint8)
        if min(known.shape) < self._patch.shape[0]:
            return False
        return bool(cv2.erode(known, self._patch, borderType=cv2.BORDER_CONSTANT, borderValue=0).any())


def in_worker(target: str, seconds: float, options: Mapping[str, Any]) -> Callable[[], Inpainter]:
    """Connect to a function of this package in a process of its own, ``seconds`` a call at most."""
    return lambda: PythonWorker(target, limits=Limits(seconds=seconds), options=dict(options))


def as_program(arguments: str, seconds: float) -> Callable[[], Inpainter]:
    """Connect to a program of an installed package, by the interpreter's arguments; nothing is linked."""
    command = f"{shlex.quote(sys.executable)} {arguments}"
    return lambda: Command(command, limits=Limits(seconds=seconds))


def installed(distribution: str) -> str:
    """Look up the version of an installed distribution.

    Raises:
        MethodError: it is not installed; the message says how to get it.
    """
    try:
        return version(distribution)
    except PackageNotFoundError as error:
        raise MethodError(
            f"the package {distribution} is not installed: run pip install {distribution}, or "
            "pip install 'df8k[peers]' for all that these rows need"
        ) from error
