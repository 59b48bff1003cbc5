"""Names and orders that follow from content alone: image IDs, keyed hashes, the fingerprint."""

from collections.abc import Iterable
from hashlib import sha256

import numpy as np
import numpy.typing as npt

ID_LENGTH = 16


def pixel_sha256(pixels: npt.NDArray[np.uint8]) -> str:
    """Hash an image's shape and pixels: hex SHA-256, whose first 16 digits are the image's ID.

    Args:
        pixels: uint8 ``(H, W, 3)``.
    """
    height, width, channels = pixels.shape
    digest = sha256(f"{height} {width} {channels} uint8\n".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def keyed_hash(*parts: str) -> str:
    """Hash the parts: hex SHA-256; orders by it are pseudo-random, and the same everywhere."""
    return sha256("|".join(parts).encode()).hexdigest()


def fingerprint(rows: Iterable[tuple[str, str, str, str]]) -> str:
    """Hash a dataset's sorted rows: hex SHA-256.

    Args:
        rows: ``(id, split, sha256 of the decoded pixels, sha256 of the mask's vector)``; the last is empty
            for images without a mask.
    """
    digest = sha256()
    for row in sorted(rows):
        digest.update("|".join(row).encode() + b"\n")
    return digest.hexdigest()
