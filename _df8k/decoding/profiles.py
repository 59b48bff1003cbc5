"""ICC profiles, through littleCMS; the curves of simple ones also by themselves, for samples of 16 bits."""

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from .raster import Kind, Pixels, Rejected, Samples

Conversion = Callable[[Samples], Pixels]

_SPACES: Final = {"RGB ": "rgb", "GRAY": "grey", "CMYK": "cmyk", "Lab ": "lab"}
_MODES: Final = {"rgb": "RGB", "grey": "L", "cmyk": "CMYK"}
_UNUSABLE: Final = {"link": "joins two devices", "abst": "is an abstract one", "nmcl": "names colours"}
_ERRORS: Final = (ImageCms.PyCMSError, OSError, ValueError, TypeError)
# A conversion that changes fewer of a grid's colours, and none by more than one level, is rounding.
_ROUNDING: Final = 0.01


@lru_cache(maxsize=32)
def profile_conversion(profile: bytes, kind: Kind) -> Conversion | None:
    """Make the conversion of samples to sRGB that a profile asks for.

    Returns:
        the conversion; ``None`` where the samples are sRGB already, or the bytes are no profile: these say
        nothing, and every viewer takes the picture for sRGB then.

    Raises:
        Rejected: a profile for other samples than these, or of a class that describes no picture.
    """
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space, device_class = source.profile.xcolor_space, source.profile.device_class
    except _ERRORS:
        return None
    if device_class in _UNUSABLE:
        raise Rejected("decode", f"its profile {_UNUSABLE[device_class]} and describes no picture")
    fits = _SPACES.get(space)
    as_rgb = kind == "grey" and fits == "rgb"  # grey that was saved with the profile of a colour picture
    if fits != kind and not as_rgb:
        raise Rejected("decode", f"its profile is for {space.strip()}, its samples are {_MODES[kind]}")
    mode = "RGB" if as_rgb else _MODES[kind]
    try:
        target = ImageCms.createProfile("sRGB")
        intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
        transform = ImageCms.buildTransform(source, target, mode, "RGB", intent)
    except _ERRORS as error:
        raise Rejected("decode", f"its profile cannot be used: {error}") from None
    convert = _Transform(transform, mode)
    return None if _is_srgb(convert, mode) else convert


class _Transform:
    """Conversion through littleCMS."""

    def __init__(self, transform: ImageCms.ImageCmsTransform, mode: str) -> None:
        self._transform, self._mode = transform, mode

    def __call__(self, samples: Samples) -> Pixels:
        from .conversion import eight_bits

        image = Image.fromarray(np.ascontiguousarray(eight_bits(samples)), _stored(samples))
        if image.mode != self._mode:
            image = image.convert(self._mode)
        converted = ImageCms.applyTransform(image, self._transform)
        return np.asarray(converted, dtype=np.uint8)


def _stored(samples: Samples) -> str:
    return "L" if samples.ndim == 2 else {3: "RGB", 4: "CMYK"}[samples.shape[2]]


def _is_srgb(convert: Conversion, mode: str) -> bool:
    """Tell whether a conversion leaves sRGB as it is, by a grid of colours and every grey."""
    if mode == "CMYK":
        return False
    ramp = np.arange(256, dtype=np.uint8)
    if mode == "L":
        grid: Pixels = ramp[None]
        plain = np.repeat(grid[..., None], 3, axis=2)
    else:
        steps = np.linspace(0, 255, 18).round().astype(np.uint8)
        cube = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
        grid = plain = np.concatenate([cube, np.repeat(ramp[:, None], 3, axis=1)])[None]
    change = np.abs(convert(grid).astype(np.int16) - plain).max(axis=-1)
    return bool(change.max() <= 1 and (change > 0).mean() <= _ROUNDING)


@dataclass(frozen=True)
class Curves:
    """Profile of curves and a matrix.

    Attributes:
        curves: one or three, light in [0, 1] at evenly spaced samples.
        matrix: from light to XYZ relative to D50, ``(3, 3)``; the identity for grey.
    """

    curves: tuple[npt.NDArray[np.float64], ...]
    matrix: npt.NDArray[np.float64]


@lru_cache(maxsize=32)
def profile_curves(profile: bytes, kind: Kind) -> Curves | None:
    """Read the curves and the matrix of a profile (ICC.1:2022, 8.3 and 8.4).

    Returns:
        these; ``None`` for a profile of tables, or where the samples are of another kind.
    """
    try:
        tags = _tags(profile)
        if any(tag in tags for tag in (b"A2B0", b"A2B1")):
            return None
        if kind == "grey" and b"kTRC" in tags:
            return Curves((_curve(tags[b"kTRC"]),), np.eye(3))
        if kind != "rgb":
            return None
        matrix = np.array([_xyz(tags[name]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]).T
        return Curves(tuple(_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC")), matrix)
    except (KeyError, struct.error, ValueError, IndexError):
        return None


def _tags(profile: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, 128)
    tags = {}
    for n in range(min(count, 200)):
        name, offset, size = struct.unpack_from(">4sII", profile, 132 + 12 * n)
        tags[name] = profile[offset : offset + size]
    return tags


def _xyz(tag: bytes) -> list[float]:
    return [value / 65536 for value in struct.unpack_from(">3i", tag, 8)]


def _curve(tag: bytes) -> npt.NDArray[np.float64]:
    """Sample a curve at 65,536 places."""
    if tag[:4] == b"para":
        return _parametric(tag)
    if tag[:4] != b"curv":
        raise ValueError(tag[:4])
    (count,) = struct.unpack_from(">I", tag, 8)
    values = np.linspace(0, 1, 65536)
    if count == 0:
        return values
    if count == 1:
        curve: npt.NDArray[np.float64] = values ** (struct.unpack_from(">H", tag, 12)[0] / 256)
        return curve
    table = np.frombuffer(tag, ">u2", count, 12) / 65535
    return np.interp(values, np.linspace(0, 1, count), table)


def _parametric(tag: bytes) -> npt.NDArray[np.float64]:
    (form,) = struct.unpack_from(">H", tag, 8)
    count = (1, 3, 4, 5, 7)[form]
    numbers = [value / 65536 for value in struct.unpack_from(f">{count}i", tag, 12)]
    gamma, a, b, c, d, e, f = numbers + [0.0] * (7 - count)
    x = np.linspace(0, 1, 65536)
    if form == 0:
        a, d = 1.0, -1.0
    elif form == 1:
        d = -b / a
    elif form == 2:
        d, e, f, c = -b / a, c, c, 0.0
    with np.errstate(invalid="ignore"):
        upper = np.clip(a * x + b, 0, None) ** gamma + e
    curve: npt.NDArray[np.float64] = np.clip(np.where(x >= d, upper, c * x + f), 0, 1)
    return curve
