"""Samples of any colour to 8-bit sRGB: profiles by littleCMS, primaries and curves by their definition."""

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from .profiles import Conversion, profile_conversion, profile_curves
from .raster import SRGB_PRIMARIES, Colour, Pixels, Primaries, Raster, Samples

Floats = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float64]

_STRIP: Final = 128  # lines that are worked on at a time
_LEVELS: Final = 65536
# Bradford's cone responses, ICC.1:2022, annex E.
_BRADFORD: Final = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_D50: Final = np.array([0.9642, 1.0, 0.8249])  # the white of ICC's connection space


def to_srgb(raster: Raster) -> Pixels:
    """Convert a picture to sRGB, relative to its white.

    Returns:
        uint8 ``(H, W, 3)``, not turned; the raster's own array where it is that already.

    Raises:
        Rejected: its profile does not fit its samples.
    """
    samples, colour = raster.samples, raster.colour
    if raster.kind == "lab":
        return _by_strips(samples, lab_to_srgb)
    if colour.profile:
        conversion = profile_conversion(colour.profile, raster.kind)
        # littleCMS, through Pillow, takes 8 bits, and grey with a table that is coarse in the shadows.
        if conversion is not None and (samples.dtype != np.uint8 or raster.kind == "grey"):
            curves = profile_curves(colour.profile, raster.kind)
            if curves is not None:
                matrix = _SRGB_FROM_D50 @ curves.matrix
                return _by_strips(
                    samples, _Shaper([_at_depth(c, samples.dtype) for c in curves.curves], matrix)
                )
        return _by_strips(samples, conversion or _plain(raster.kind))
    if raster.kind != "cmyk" and not colour.is_srgb:
        return _by_strips(samples, _shaper(colour, samples.dtype))
    if samples.dtype == np.uint8 and samples.shape[2:] == (3,):
        return np.ascontiguousarray(samples)
    return _by_strips(samples, _plain(raster.kind))


def eight_bits(samples: Samples) -> Pixels:
    """Scale samples to 8 bits, rounded."""
    if samples.dtype == np.uint8:
        return samples
    highest = int(np.iinfo(samples.dtype).max)
    wide = samples.astype(np.uint64 if highest > _LEVELS else np.uint32)
    return np.asarray((wide * 255 + highest // 2) // highest, dtype=np.uint8)


def _by_strips(samples: Samples, convert: Conversion) -> Pixels:
    """Convert a few lines at a time: whole, the copies in floats would not fit."""
    pixels = np.empty((*samples.shape[:2], 3), np.uint8)
    for top in range(0, len(samples), _STRIP):
        pixels[top : top + _STRIP] = convert(samples[top : top + _STRIP])
    return pixels


def _plain(kind: str) -> Conversion:
    """Give the conversion of samples that are sRGB, or ink without a profile."""

    def grey(samples: Samples) -> Pixels:
        return np.repeat(eight_bits(samples)[..., None], 3, axis=2)

    def ink(samples: Samples) -> Pixels:
        from PIL import Image

        return np.asarray(Image.fromarray(eight_bits(samples), "CMYK").convert("RGB"), dtype=np.uint8)

    return {"grey": grey, "cmyk": ink}.get(kind, eight_bits)


class _Shaper:
    """Curve of each channel, a matrix, the curve of sRGB: RGB, or grey with a single curve."""

    def __init__(self, curves: list[Floats], matrix: Matrix) -> None:
        self._curves, self._matrix = curves, matrix.astype(np.float32)

    def __call__(self, samples: Samples) -> Pixels:
        if samples.dtype == np.uint32:
            samples = (samples >> 16).astype(np.uint16)
        if samples.ndim == 2:
            light = self._curves[0][samples]
            return np.repeat(_encoded(light)[..., None], 3, axis=2)
        curves = self._curves * (3 // len(self._curves))
        linear = np.stack([curve[samples[..., n]] for n, curve in enumerate(curves)], axis=-1)
        return _encoded(linear @ self._matrix.T)


def _encoded(light: Floats) -> Pixels:
    index = np.rint(np.clip(light, 0, 1) * (_LEVELS - 1)).astype(np.uint16)
    return _SRGB_TABLE[index]


def _shaper(colour: Colour, depth: npt.DTypeLike) -> _Shaper:
    levels = 256 if depth == np.uint8 else _LEVELS
    values = np.linspace(0, 1, levels)
    if colour.transfer == "srgb":
        curve = srgb_decoded(values)
    elif colour.transfer == "bt709":  # ITU-R BT.709-6, the inverse of item 1.2
        curve = np.where(values < 0.081, values / 4.5, ((values + 0.099) / 1.099) ** (1 / 0.45))
    else:
        curve = values**colour.transfer
    return _Shaper([curve.astype(np.float32)], _between(colour.primaries, SRGB_PRIMARIES))


def _at_depth(curve: npt.NDArray[np.float64], depth: npt.DTypeLike) -> Floats:
    levels = 256 if depth == np.uint8 else _LEVELS
    positions = np.linspace(0, len(curve) - 1, levels)
    return np.interp(positions, np.arange(len(curve)), curve).astype(np.float32)


def srgb_decoded(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Decode sRGB samples in [0, 1] to light (IEC 61966-2-1)."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _srgb_encoded(light: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


_SRGB_TABLE: Final = np.rint(_srgb_encoded(np.linspace(0, 1, _LEVELS)) * 255).astype(np.uint8)


def _xyz(point: tuple[float, float]) -> Matrix:
    x, y = point
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _to_xyz(primaries: Primaries) -> Matrix:
    """Compute the matrix from linear RGB to XYZ with the primaries' own white."""
    axes = [(x, y, 1 - x - y) for x, y in (primaries.red, primaries.green, primaries.blue)]
    columns = np.array(axes).T
    matrix: Matrix = columns * np.linalg.solve(columns, _xyz(primaries.white))
    return matrix


def _adapted(white: Matrix, other: Matrix) -> Matrix:
    """Compute Bradford's matrix from one white to another."""
    cones, target = _BRADFORD @ white, _BRADFORD @ other
    matrix: Matrix = np.linalg.inv(_BRADFORD) @ np.diag(target / cones) @ _BRADFORD
    return matrix


@lru_cache(maxsize=16)
def _between(source: Primaries, target: Primaries) -> Matrix:
    """Compute the matrix from linear RGB of one set of primaries to another, relative to white."""
    adapted = _adapted(_xyz(source.white), _xyz(target.white))
    matrix: Matrix = np.linalg.inv(_to_xyz(target)) @ adapted @ _to_xyz(source)
    return matrix


_SRGB_FROM_D50: Final = np.linalg.inv(_adapted(_xyz(SRGB_PRIMARIES.white), _D50) @ _to_xyz(SRGB_PRIMARIES))


def lab_to_srgb(samples: Samples) -> Pixels:
    """Convert CIE L*a*b* relative to D50, as ICC and TIFF have it.

    Args:
        samples: ``(H, W, 3)``; L* from 0 to the largest value for 100, a* and b* with 128 (or 128 · 256)
            for 0.
    """
    steps = 1 if samples.dtype == np.uint8 else 256
    lightness = samples[..., 0].astype(np.float32) * (100 / np.iinfo(samples.dtype).max)
    a = samples[..., 1].astype(np.float32) / steps - 128
    b = samples[..., 2].astype(np.float32) / steps - 128
    y = (lightness + 16) / 116
    cones = np.stack([y + a / 500, y, y - b / 200], axis=-1)
    xyz = np.where(cones > 6 / 29, cones**3, (cones - 4 / 29) * (108 / 841)) * _D50.astype(np.float32)
    return _encoded((xyz @ _SRGB_FROM_D50.T.astype(np.float32)).astype(np.float32))
