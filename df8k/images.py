"""Image files: from one of unknown quality to upright 8-bit sRGB pixels, or to a reason why not; and back."""

import io
import struct
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms, UnidentifiedImageError

# Only these decoders are tried: a renamed PDF or SVG is a fake, not an image of ours.
FORMATS: Final = ("JPEG", "PNG", "TIFF", "WEBP", "BMP")
SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".jpe", ".mpo", ".png", ".tif", ".tiff", ".webp", ".bmp"})

# Beyond it a file is taken for a decompression bomb; 8K is 33 megapixels, the largest cameras give 150.
MAX_PIXELS: Final = 256_000_000


Pixels = npt.NDArray[np.uint8]

# EXIF orientation → what turns the stored pixels upright.
_UPRIGHT: Final[dict[int, Callable[[Pixels], object]]] = {
    2: lambda pixels: cv2.flip(pixels, 1),
    3: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_180),
    4: lambda pixels: cv2.flip(pixels, 0),
    5: cv2.transpose,
    6: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE),
    7: lambda pixels: cv2.rotate(cv2.transpose(pixels), cv2.ROTATE_180),
    8: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE),
}
_ORIENTATION: Final = 0x0112
_STRIP: Final = 128  # lines that are copied at a time
# See docs/dataset.md: the upward filter is a third faster than one chosen per line, and 2 % larger.
_PNG: Final = (cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP)


class Rejected(Exception):  # noqa: N818 - an expected outcome, not an error
    """File that is not taken.

    Attributes:
        reason: one word of the manifest's vocabulary.
        detail: what was found and what was expected.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Decoded:
    """Pixels of a decoded file.

    Attributes:
        pixels: uint8 RGB ``(H, W, 3)``.
        native: whether the file stores RGB or grey, so that its colours came out as they are.
    """

    pixels: Pixels
    native: bool


def decode(data: bytes) -> Pixels:
    """Decode an image file to uint8 RGB ``(H, W, 3)``; see `read_image`.

    Raises:
        Rejected: see `read_image`.
    """
    return read_image(data).pixels


def read_image(data: bytes) -> Decoded:
    """Decode an image file.

    EXIF orientation is applied, embedded profiles are converted to sRGB, 16-bit samples are scaled
    (``round(v · 255 / 65535)``), grey becomes three equal channels. At no time are more than two decoded
    images in memory: the decoder's, and the one that is returned.

    Args:
        data: the file's bytes.

    Raises:
        Rejected: ``decode`` for empty, truncated, fake or oversized files, ``alpha`` for transparent pixels.
    """
    if not data:
        raise Rejected("decode", "the file is empty")
    try:
        pixels, orientation, mode = _decode(data)
    except UnidentifiedImageError:
        raise Rejected("decode", f"not an image: starts with {data[:16]!r}") from None
    except Image.DecompressionBombError as error:
        raise Rejected("decode", str(error)) from None
    # Decoders meet damaged files with whatever error the damage leads to.
    except (OSError, SyntaxError, ValueError, EOFError, OverflowError, struct.error, zlib.error) as error:
        raise Rejected("decode", f"damaged: {error}") from None
    turn = _UPRIGHT.get(orientation)
    upright = pixels if turn is None else np.asarray(turn(pixels), dtype=np.uint8)
    return Decoded(upright, native=mode not in {"CMYK", "LAB"})


def _decode(data: bytes) -> tuple[Pixels, int, str]:
    """Decode the pixels as they are stored, their EXIF orientation, and Pillow's mode of the file."""
    # Pillow warns from 89 megapixels on, which 8K panoramas reach; the limit here is MAX_PIXELS.
    with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=FORMATS) as file:
        warnings.simplefilter("ignore")
        _check_size(file)
        mode = file.mode
        file.load()
        orientation = file.getexif().get(_ORIENTATION, 1)
        profile, keyed = file.info.get("icc_profile"), "transparency" in file.info
        image: Image.Image = file
        if _is_deep(data, file):
            file.close()  # frees what it holds before the same is decoded once more
            image = _sixteen_bit(data)
        _check_opaque(image, keyed=keyed)
        return _to_array(image, profile), orientation, mode


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise Rejected("decode", f"{width}x{height} is more than {MAX_PIXELS} pixels")


def _is_deep(data: bytes, image: Image.Image) -> bool:
    """Tell whether samples have 16 bits, of which Pillow would keep or clip 8."""
    if image.format == "PNG":
        return data[24] == 16  # the bit depth in the IHDR chunk
    if image.format == "TIFF":
        bits = image.tag_v2.get(258, 8)  # type: ignore[attr-defined]  # TiffImageFile alone has tags
        return 16 in (bits if isinstance(bits, tuple) else (bits,))
    return False


def _sixteen_bit(data: bytes) -> Image.Image:
    """Decode a file with 16-bit samples, scaled to 8 bits."""
    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    samples = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if samples is None or samples.dtype != np.uint16:
        raise Rejected("decode", "16-bit samples in a layout that cannot be read")
    scaled = np.empty(samples.shape, np.uint8)
    order = {2: [], 3: [2, 1, 0], 4: [2, 1, 0, 3]}[samples.shape[2] if samples.ndim == 3 else 2]
    for top in range(0, len(samples), _STRIP):
        strip = (samples[top : top + _STRIP].astype(np.uint32) * 255 + 32767) // 65535
        scaled[top : top + _STRIP] = strip[..., order] if order else strip
    del samples
    return Image.fromarray(scaled)


def _check_opaque(image: Image.Image, *, keyed: bool) -> None:
    """Refuse transparent pixels; a file may also name a transparent colour, which ``keyed`` tells."""
    if "A" not in image.getbands() and not keyed:
        return
    alpha = (image if "A" in image.getbands() else image.convert("RGBA")).getchannel("A")
    lowest = alpha.getextrema()[0]
    if lowest != 255:
        raise Rejected("alpha", f"transparent pixels, the lowest alpha is {lowest}")


def _to_array(image: Image.Image, profile: bytes | None) -> Pixels:
    """Copy an image of any mode as sRGB, strip by strip: whole, Pillow would copy it twice more."""
    width, height = image.size
    pixels = np.empty((height, width, 3), np.uint8)
    opaque = "RGB" if "A" in image.getbands() else image.mode
    to_srgb = _conversion(profile, opaque)
    for top in range(0, height, _STRIP):
        strip = image.crop((0, top, width, min(top + _STRIP, height)))
        if strip.mode != opaque:
            strip = strip.convert(opaque)
        if to_srgb is not None:
            strip = ImageCms.applyTransform(strip, to_srgb) or strip
        pixels[top : top + _STRIP] = np.asarray(strip if strip.mode == "RGB" else strip.convert("RGB"))
    return pixels


def _conversion(profile: bytes | None, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Make the conversion of pixels of ``mode`` to sRGB; ``None`` where they are sRGB."""
    if not profile:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return None
        intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB", intent)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None  # a broken or unfitting profile says nothing; sRGB is what viewers assume then


def encode_png(image: Pixels) -> bytes:
    """Encode uint8 RGB ``(H, W, 3)`` as PNG, losslessly."""
    return png_buffer(image).tobytes()


def png_buffer(image: Pixels) -> memoryview:
    """Encode as `encode_png` does, without the copy that bytes are; at 8K they are 100 MB."""
    return _encode(".png", image, _PNG)


def encode_jpeg(image: Pixels, quality: int) -> bytes:
    """Encode uint8 RGB ``(H, W, 3)`` as JPEG of a ``quality`` from 1 to 100."""
    return _encode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, quality)).tobytes()


def _encode(suffix: str, image: Pixels, flags: tuple[int, ...]) -> memoryview:
    _, encoded = cv2.imencode(suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR), flags)
    return np.asarray(encoded, dtype=np.uint8).data
