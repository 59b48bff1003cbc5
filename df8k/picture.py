"""A decoded picture, and the reduced views of it that several checks share."""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

WINDOW: Final = 256  # px; side of the windows that are looked at without reduction
WINDOWS: Final = 16
BANDS: Final = 16  # of equal width between frequency 0 and 0.5 cycles per pixel
_DETAIL_BLOCK: Final = 16  # px of the half-size picture
_FLOOR: Final = 1000.0  # power of a window that says nothing
_STRIP: Final = 64  # px; lines of the half-size picture that are worked on at a time


@dataclass(frozen=True)
class Picture:
    """Upright 8-bit RGB pixels ``(H, W, 3)``; every view is computed once, when first asked for.

    Full-size work is one reduction to half the sides; everything finer looks at chosen windows or lines, so
    that the checks together stay cheaper than decoding.
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
    def half_colour(self) -> Bytes:
        """RGB at half size: the mean of every two by two pixels; an odd last line or column is left out."""
        return _halved(self.pixels)

    @cached_property
    def quarter_colour(self) -> Bytes:
        """RGB at a quarter of the sides: `half_colour`, halved likewise."""
        return _halved(self.half_colour)

    @cached_property
    def half(self) -> Bytes:
        """Luma of `half_colour`."""
        return luma(self.half_colour)

    @cached_property
    def thumbnail(self) -> Bytes:
        """RGB with a long side of 512 px or less, area-averaged."""
        return self.reduced(512)

    def reduced(self, long_side: int) -> Bytes:
        """Reduce to RGB with a long side of so many pixels, area-averaged; never enlarged."""
        scale = min(1.0, long_side / max(self.width, self.height))
        size = (max(1, round(self.width * scale)), max(1, round(self.height * scale)))
        near = self.pixels if scale > 0.25 else self.half_colour if scale > 0.125 else self.quarter_colour
        return _u8(cv2.resize(near, size, interpolation=cv2.INTER_AREA))

    @cached_property
    def grey_thumbnail(self) -> Bytes:
        """Luma of `thumbnail`."""
        return luma(self.thumbnail)

    @cached_property
    def detail(self) -> Floats:
        """Contrast of the finest octave of `half`, root mean square in blocks of 16 px."""
        return band_contrast(self.half, _DETAIL_BLOCK)

    @cached_property
    def windows(self) -> list[Bytes]:
        """Luma of the up to 16 most detailed windows at full size: what is in focus, if anything is.

        The choice depends on the picture alone. Pictures smaller than a window are one window.
        """
        rows, columns = self.height // WINDOW, self.width // WINDOW
        if not rows or not columns:
            return [luma(self.pixels)]
        side = WINDOW // (2 * _DETAIL_BLOCK)
        blocks = self.detail[: rows * side, : columns * side]
        energy = blocks.reshape(rows, side, columns, side).mean((1, 3)).ravel()
        order = np.argsort(-energy, kind="stable")[:WINDOWS]
        return [self._window(int(index) // columns, int(index) % columns) for index in order]

    def _window(self, row: int, column: int) -> Bytes:
        top, left = row * WINDOW, column * WINDOW
        return luma(self.pixels[top : top + WINDOW, left : left + WINDOW])

    @cached_property
    def _power(self) -> tuple[Floats, Floats]:
        """Power of `windows`: its sum over them, and the mean over pairs of its natural logarithm."""
        windows = self.windows
        taper, _ = _analysis(*windows[0].shape)
        # Two windows are the real and the imaginary part of one: the power of its transform is the sum of
        # theirs, and the sum is all that is wanted.
        total: Floats = np.zeros(taper.shape, np.float32)
        logarithm: Floats = np.zeros(taper.shape, np.float32)
        for first in range(0, len(windows), 2):
            parts = [_centred(window) * taper for window in windows[first : first + 2]]
            transform = cv2.dft(cv2.merge([parts[0], parts[-1] if len(parts) == 2 else 0 * parts[0]]))
            power = transform[..., 0] ** 2 + transform[..., 1] ** 2
            total += power
            logarithm += cv2.log(power + np.float32(_FLOOR))
        return total, logarithm / np.float32(-(-len(windows) // 2))

    @property
    def power(self) -> Floats:
        """Mean power of `windows` at each frequency of their transform, ``(H, W)``."""
        return self._power[0] / np.float32(len(self.windows) * self._power[0].size)

    @property
    def log_power(self) -> Floats:
        """Mean over `windows` of the logarithm of their power: what all have in common stands out."""
        return self._power[1]

    @cached_property
    def spectrum(self) -> npt.NDArray[np.float64]:
        """Radial power spectrum of `windows`: log10 of the mean power in each of 16 bands."""
        windows, power = self.windows, self._power[0]
        _, band = _analysis(*windows[0].shape)
        total = np.bincount(band.ravel(), power.ravel(), minlength=BANDS + 1)[:BANDS]
        count = np.maximum(np.bincount(band.ravel(), minlength=BANDS + 1)[:BANDS], 1)
        return np.asarray(np.log10(total / (count * len(windows) * power.size) + 1e-6))


@cache
def _analysis(height: int, width: int) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Compute the taper of a window, and the band of each frequency; `BANDS` stands for none."""
    taper = np.outer(np.hanning(height), np.hanning(width)).astype(np.float32)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None])
    # The lowest frequencies are the windows' own brightness, not detail.
    band = np.where(frequency > 0.008, np.minimum(frequency * 2 * BANDS, BANDS), BANDS).astype(np.intp)
    return taper, band


def luma(pixels: Bytes) -> Bytes:
    """Convert RGB to Rec. 601 luma, uint8 ``(H, W)``."""
    return _u8(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))


def _halved(image: Bytes) -> Bytes:
    # OpenCV takes fifteen times as long as soon as a side is odd.
    return shrink(image[: max(1, image.shape[0] // 2 * 2), : max(1, image.shape[1] // 2 * 2)], 0.5)


def shrink(image: Bytes, scale: float) -> Bytes:
    """Reduce an image by area averaging to ``scale`` of its sides, at least one pixel each."""
    height, width = image.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return _u8(cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def band_contrast(grey: Bytes, block: int) -> Floats:
    """Measure the root mean square of an image's finest octave in square blocks, in grey levels."""
    height, width = (side // 2 * 2 for side in grey.shape)
    if min(height, width) < 2 * block:
        return np.zeros((1, 1), np.float32)
    strip = _STRIP // block * block
    rows = height // block * block
    # Strips stay within the processor's cache, where the whole picture in floats would not.
    power = [_band_power(grey[top : min(top + strip, rows), :width], block) for top in range(0, rows, strip)]
    return np.asarray(np.sqrt(np.concatenate(power)), dtype=np.float32)


def _band_power(strip: Bytes, block: int) -> Floats:
    height, width = strip.shape
    coarse = cv2.resize(strip, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    fine = cv2.subtract(strip, cv2.resize(coarse, (width, height)), dtype=cv2.CV_32F)
    blocks = (width // block, height // block)
    even = cv2.multiply(fine, fine)[:, : blocks[0] * block]
    return np.asarray(cv2.resize(even, blocks, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _centred(window: Bytes) -> Floats:
    return np.asarray(window - np.float32(window.mean()), dtype=np.float32)


def _u8(image: object) -> Bytes:
    return np.asarray(image, dtype=np.uint8)
