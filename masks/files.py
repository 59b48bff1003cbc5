"""Masks as files: PNG with one channel, 255 = missing, and lines of vector JSON. Lossy ones are refused."""

import gzip
import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from _df8k.bounded import parse_json
from _df8k.files import write_bytes

from .errors import MaskError
from .vector import VectorMask

_MAX_BYTES: Final = 256 * 2**20
_BYTE: Final = 255


def checked_mask(mask: object) -> npt.NDArray[np.bool_]:
    """Check that an object is a mask, and return it.

    Raises:
        MaskError: not a bool array of two dimensions.
    """
    if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.ndim != 2 or mask.size == 0:
        shape = getattr(mask, "shape", "none")
        dtype = getattr(mask, "dtype", type(mask).__name__)
        raise MaskError(f"a mask is a bool array (H, W), True = missing; found {dtype} of shape {shape}")
    return mask


def encode_png(mask: npt.NDArray[np.bool_], *, bits: int = 8) -> bytes:
    """Encode a mask as PNG.

    Args:
        mask: bool ``(H, W)``, True = missing.
        bits: 8 for bytes of 0 and 255, or 1 for a file of a tenth of the size that opens as black and white.

    Returns:
        The file's content.

    Raises:
        MaskError: not a mask, or another bit depth.
    """
    from PIL import Image

    if bits not in (1, 8):
        raise MaskError(f"a mask PNG has 1 or 8 bits, not {bits}")
    mask = checked_mask(mask)
    if bits == 8:
        image = Image.fromarray(mask.view(np.uint8) * np.uint8(255))
    else:
        packed = np.packbits(mask, axis=1)
        image = Image.frombytes("1", (mask.shape[1], mask.shape[0]), packed.tobytes())
    content = BytesIO()
    image.save(content, "PNG", compress_level=6)
    return content.getvalue()


def decode_png(source: bytes | str | Path, *, size: tuple[int, int] | None = None) -> npt.NDArray[np.bool_]:
    """Read a mask that `encode_png` or any other writer of 255 = missing made.

    Args:
        source: the file's content, or its path.
        size: ``(width, height)`` that it must have.

    Returns:
        bool ``(H, W)``, True = missing.

    Raises:
        MaskError: not a PNG of one channel, values other than 0 and 255, or another size.
        OSError: the path cannot be read.
    """
    from PIL import Image

    content = source if isinstance(source, bytes) else _read(Path(source))
    name = "the mask" if isinstance(source, bytes) else f"mask {source}"
    with damage_in_words(f"{name} cannot be read as a PNG"), Image.open(BytesIO(content)) as image:
        if image.format != "PNG":
            raise MaskError(f"{name} is a {image.format} file: masks are kept as PNG, which is lossless")
        if image.mode not in ("1", "L"):
            raise MaskError(
                f"{name} has mode {image.mode}, one channel of 1 or 8 bits is expected: "
                "masks.import_mask reads other layouts when it is told what marks the hole"
            )
        values = np.asarray(image)
    if size is not None and values.shape != (size[1], size[0]):
        raise MaskError(
            f"{name} has {values.shape[1]} x {values.shape[0]} pixels, its image {size[0]} x {size[1]}: "
            "masks are never resized; draw one for this size"
        )
    if values.dtype == np.bool_:
        return values.copy()
    return binary(values, name)


def _read(path: Path) -> bytes:
    if path.stat().st_size > _MAX_BYTES:
        raise MaskError(f"{path} is larger than {_MAX_BYTES >> 20} MiB: no file of masks is")
    return path.read_bytes()


@contextmanager
def damage_in_words(finding: str) -> Iterator[None]:
    """Turn what Pillow raises for files that are damaged, or claim to be larger than any picture, into words.

    Raises:
        MaskError: begins with the finding.
        OSError: of the file system.
    """
    from PIL import Image

    broken = (SyntaxError, ValueError, EOFError, struct.error, zlib.error, OverflowError, MemoryError)
    try:
        yield
    except MaskError:
        raise
    except (*broken, LookupError, TypeError, Image.DecompressionBombError) as error:
        raise MaskError(f"{finding}: {error}") from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise MaskError(f"{finding}: {error}") from error


def binary(values: npt.NDArray[Any], name: str) -> npt.NDArray[np.bool_]:
    """Take whole numbers without sign as a mask, the largest value of their width (255 of 8 bits) = missing.

    Raises:
        MaskError: a value other than zero and the largest.
    """
    highest = int(np.iinfo(values.dtype).max)
    mask: npt.NDArray[np.bool_] = values == highest
    strays = int(np.count_nonzero(values)) - int(np.count_nonzero(mask))
    if strays:
        examples = np.unique(values[(values != 0) & (values != highest)])[:5].tolist()
        bits = "" if highest == _BYTE else f" of its {8 * values.dtype.itemsize} bits"
        raise MaskError(
            f"{name} has {strays} pixels that are neither 0 nor {highest}{bits} (such as {examples}): it was "
            "antialiased, resized or stored lossily; draw it again, or threshold it yourself and say so"
        )
    return mask


def write_vectors(path: str | Path, vectors: Mapping[str, VectorMask]) -> None:
    """Write many vector masks to one file, a line of JSON each, in the order of their names.

    The same masks give the same bytes. A name that ends in ``.gz`` is compressed.

    Args:
        path: file to write; an older one is replaced at once or not at all.
        vectors: masks by name, usually the image's id.
    """
    path = Path(path)
    lines = [
        f'{{"name":{json.dumps(name)},"mask":{vectors[name].json}}}\n'.encode("ascii")
        for name in sorted(vectors)
    ]
    content = b"".join(lines)
    write_bytes(path, gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def read_vectors(path: str | Path) -> dict[str, VectorMask]:
    """Read what `write_vectors` wrote.

    Raises:
        MaskError: a line is malformed, a mask is not canonical, or a name comes twice.
        OSError: the file cannot be read.
    """
    path = Path(path)
    content = _read(path)
    if path.suffix == ".gz":
        try:
            with gzip.open(BytesIO(content)) as file:
                content = file.read(_MAX_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise MaskError(f"{path} is no complete gzip file: {error}") from error
        if len(content) > _MAX_BYTES:
            raise MaskError(f"{path} unpacks to more than {_MAX_BYTES >> 20} MiB: no file of masks does")
    vectors: dict[str, VectorMask] = {}
    for number, line in enumerate(content.decode("ascii", "replace").splitlines(), 1):
        try:
            entry = parse_json(line, f"{path}, line {number}", MaskError)
            name, mask = entry["name"], entry["mask"]
        except (TypeError, KeyError) as error:
            raise MaskError(f"{path}, line {number}: 'name' and 'mask' are expected") from error
        if not isinstance(name, str) or name in vectors:
            raise MaskError(f"{path}, line {number}: the name {name!r} is no text or comes twice")
        vectors[name] = VectorMask.from_json(json.dumps(mask, sort_keys=True, separators=(",", ":")))
    return vectors
