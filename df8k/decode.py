"""From a file of unknown quality to upright 8-bit sRGB pixels, or to a reason why not."""

import io
import struct
import warnings
import zlib
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


_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION: Final = 0x0112


class Rejected(Exception):  # noqa: N818 - an expected outcome, not an error
    """A file is not taken.

    Attributes:
        reason: one word of the manifest's vocabulary.
        detail: what was found and what was expected.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


def decode(data: bytes) -> npt.NDArray[np.uint8]:
    """Decode an image file.

    EXIF orientation is applied, embedded profiles are converted to sRGB, 16-bit samples are scaled
    (``round(v · 255 / 65535)``), grey becomes three equal channels.

    Args:
        data: the file's bytes.

    Returns:
        uint8 RGB ``(H, W, 3)``.

    Raises:
        Rejected: ``decode`` for empty, truncated, fake or oversized files, ``alpha`` for transparent pixels.
    """
    if not data:
        raise Rejected("decode", "the file is empty")
    try:
        # Pillow warns from 89 megapixels on, which 8K panoramas reach; the limit here is MAX_PIXELS.
        with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=FORMATS) as image:
            warnings.simplefilter("ignore")
            _check_size(image)
            image.load()
            sixteen = _sixteen_bit(data, image)
            return _to_rgb(image if sixteen is None else sixteen, image)
    except UnidentifiedImageError:
        raise Rejected("decode", f"not an image: starts with {data[:16]!r}") from None
    except Image.DecompressionBombError as error:
        raise Rejected("decode", str(error)) from None
    # Decoders meet damaged files with whatever error the damage leads to.
    except (OSError, SyntaxError, ValueError, EOFError, OverflowError, struct.error, zlib.error) as error:
        raise Rejected("decode", f"damaged: {error}") from None


def native_colours(data: bytes) -> bool:
    """Whether a file that decodes stores RGB, so that its colours came out as they are."""
    with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=FORMATS) as image:
        warnings.simplefilter("ignore")
        return image.mode not in {"CMYK", "LAB"}


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise Rejected("decode", f"{width}x{height} is more than {MAX_PIXELS} pixels")


def _sixteen_bit(data: bytes, image: Image.Image) -> Image.Image | None:
    """The picture scaled to 8 bits when its samples have 16, of which Pillow would keep or clip 8."""
    if image.format == "PNG":
        deep = data[24] == 16  # the bit depth in the IHDR chunk
    elif image.format == "TIFF":
        bits = image.tag_v2.get(258, 8)  # type: ignore[attr-defined]  # TiffImageFile alone has tags
        deep = 16 in (bits if isinstance(bits, tuple) else (bits,))
    else:
        return None
    if not deep:
        return None
    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    samples = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if samples is None or samples.dtype != np.uint16:
        raise Rejected("decode", "16-bit samples in a layout that cannot be read")
    scaled = ((samples.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
    if scaled.ndim == 2:
        return Image.fromarray(scaled)
    order = cv2.COLOR_BGRA2RGBA if scaled.shape[2] == 4 else cv2.COLOR_BGR2RGB
    return Image.fromarray(cv2.cvtColor(scaled, order))


def _to_rgb(pixels: Image.Image, file: Image.Image) -> npt.NDArray[np.uint8]:
    if "A" in pixels.getbands() or "transparency" in file.info:
        rgba = pixels.convert("RGBA")
        lowest = rgba.getchannel("A").getextrema()[0]
        if lowest != 255:
            raise Rejected("alpha", f"transparent pixels, the lowest alpha is {lowest}")
        pixels = rgba.convert("RGB")
    pixels = _to_srgb(pixels, file.info.get("icc_profile"))
    turn = _UPRIGHT.get(file.getexif().get(_ORIENTATION, 1))
    if turn is not None:
        pixels = pixels.transpose(turn)
    return np.asarray(pixels.convert("RGB"))


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return image
        converted = ImageCms.profileToProfile(
            image,
            source,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image  # a broken or unfitting profile says nothing; sRGB is what viewers assume then
    return converted if converted is not None else image
