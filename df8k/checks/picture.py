"""A decoded picture, and the reduced views of it that several checks share."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from scipy import fft

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

WINDOW: Final = 256  # px; side of the windows that are looked at without reduction
WINDOWS: Final = 16
BANDS: Final = 16  # of equal width between frequency 0 and 0.5 cycles per pixel
_DETAIL_BLOCK: Final = 16  # px of the half-size picture


@dataclass(frozen=True)
class Picture:
    """Upright 8-bit RGB pixels ``(H, W, 3)``; every view is computed once, when first asked for.

    Full-size work is a grey conversion and one reduction; everything finer looks at chosen windows, so that
    the checks together stay cheaper than decoding.
    """

    pixels: Bytes

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[0])

    @cached_property
    def luma(self) -> Bytes:
        """Rec. 601 luma at full size, uint8 ``(H, W)``."""
        return _u8(cv2.cvtColor(self.pixels, cv2.COLOR_RGB2GRAY))

    @cached_property
    def half(self) -> Bytes:
        """Luma at half size, area-averaged."""
        return shrink(self.luma, 0.5)

    @cached_property
    def thumbnail(self) -> Bytes:
        """RGB with a long side of 512 px or less, area-averaged."""
        scale = min(1.0, 512 / max(self.width, self.height))
        if scale > 0.25:
            return shrink(self.pixels, scale)
        # A quarter of the pixels carry the same area average at this reduction, in a quarter of the time.
        return shrink(self.pixels[::2, ::2], 2 * scale)

    @cached_property
    def grey_thumbnail(self) -> Bytes:
        """Luma of `thumbnail`."""
        return _u8(cv2.cvtColor(self.thumbnail, cv2.COLOR_RGB2GRAY))

    @cached_property
    def detail(self) -> Floats:
        """Contrast of the finest octave of `half`, root mean square in blocks of 16 px."""
        return band_contrast(self.half, _DETAIL_BLOCK)

    @cached_property
    def windows(self) -> list[Bytes]:
        """The up to 16 most detailed windows of the luma, at full size: what is in focus, if anything is.

        The choice depends on the picture alone. Pictures smaller than a window are one window.
        """
        rows, columns = self.height // WINDOW, self.width // WINDOW
        if not rows or not columns:
            return [self.luma]
        side = WINDOW // 2
        area = np.ascontiguousarray(self.half[: rows * side, : columns * side])
        edges = np.abs(cv2.Laplacian(area, cv2.CV_16S)).astype(np.float32)
        energy = cv2.resize(edges, (columns, rows), interpolation=cv2.INTER_AREA).ravel()
        order = np.argsort(-energy, kind="stable")[:WINDOWS]
        return [self._window(int(index) // columns, int(index) % columns) for index in order]

    def _window(self, row: int, column: int) -> Bytes:
        top, left = row * WINDOW, column * WINDOW
        return self.luma[top : top + WINDOW, left : left + WINDOW]

    @cached_property
    def spectrum(self) -> npt.NDArray[np.float64]:
        """Radial power spectrum of `windows`: log10 of the mean power in each of 16 bands."""
        powers = [_power(window) for window in self.windows]
        height, width = self.windows[0].shape
        frequency = np.hypot(fft.fftfreq(height)[:, None], fft.rfftfreq(width)[None])
        # The lowest frequencies are the windows' own brightness, not detail.
        band = np.where(frequency > 0.008, frequency * 2 * BANDS, 2 * BANDS).astype(np.intp)
        mean = np.mean(powers, axis=0)
        total = np.bincount(band.ravel(), mean.ravel(), minlength=2 * BANDS)[:BANDS]
        count = np.bincount(band.ravel(), minlength=2 * BANDS)[:BANDS]
        return np.asarray(np.log10(total / np.maximum(count, 1) + 1e-6))


def shrink(image: Bytes, scale: float) -> Bytes:
    """Reduce an image by area averaging to ``scale`` of its sides, at least one pixel each."""
    height, width = image.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return _u8(cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def band_contrast(grey: Bytes, block: int) -> Floats:
    """Root mean square of an image's finest octave in square blocks, in grey levels."""
    height, width = (side // 2 * 2 for side in grey.shape)
    if min(height, width) < 2 * block:
        return np.zeros((1, 1), np.float32)
    even = grey[:height, :width]
    coarse = cv2.resize(even, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    fine = cv2.subtract(even, cv2.resize(coarse, (width, height)), dtype=cv2.CV_32F)
    blocks = (width // block, height // block)
    power = cv2.resize(cv2.multiply(fine, fine), blocks, interpolation=cv2.INTER_AREA)
    return np.asarray(np.sqrt(power), dtype=np.float32)


def _power(window: Bytes) -> Floats:
    height, width = window.shape
    taper = np.outer(np.hanning(height), np.hanning(width)).astype(np.float32)
    centred = (window.astype(np.float32) - window.mean(dtype=np.float32)) * taper
    return np.asarray(np.abs(fft.rfft2(centred)) ** 2 / centred.size, dtype=np.float32)


def _u8(image: object) -> Bytes:
    return np.asarray(image, dtype=np.uint8)
