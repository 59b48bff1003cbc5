"""Local features of a small image: what stays of a picture that was cropped, turned, mirrored or framed."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import cv2
import numpy as np
import numpy.typing as npt

SIDE: Final = 320  # px, long side of the image whose corners are described
_DETECTED: Final = 500
_COUNT: Final = 140  # corners that are described
_CELL: Final = 40  # px; the strongest corners of each cell come first, so that no lettering takes them all
WORDS: Final = 4  # of 64 bits, of one description
_LEVELS: Final = 5
_EDGE: Final = 10  # px; corners nearer to the border are left out
_CORNER: Final = 7  # grey levels by which a corner differs from its surroundings

Codes = npt.NDArray[np.uint64]
Points = npt.NDArray[np.complex64]


@dataclass(frozen=True)
class Features:
    """Corners of an image of 320 px.

    Attributes:
        points: complex64 ``(N,)``, x + iy in pixels.
        codes: uint64 ``(N, 4)``, 256 bits of each (ORB).
    """

    points: Points
    codes: Codes

    @classmethod
    def of(cls, grey: npt.NDArray[np.uint8]) -> tuple[Self, Self]:
        """Find and describe the strongest corners of luma, uint8 ``(H, W)``, with a long side of 320 px.

        Returns:
            those of the image, and the same ones in the mirrored image.
        """
        if min(grey.shape) <= 2 * _EDGE:
            return cls.none(), cls.none()
        orb = cv2.ORB.create(
            nfeatures=_DETECTED, nlevels=_LEVELS, edgeThreshold=_EDGE, patchSize=31, fastThreshold=_CORNER
        )
        corners = _spread(orb.detect(grey, None), grey.shape)
        mirrored = [_mirrored(corner, grey.shape[1]) for corner in corners]
        return cls._described(orb, grey, corners), cls._described(
            orb, np.ascontiguousarray(grey[:, ::-1]), mirrored
        )

    @classmethod
    def _described(cls, orb: cv2.ORB, grey: npt.NDArray[np.uint8], corners: list[cv2.KeyPoint]) -> Self:
        kept, codes = orb.compute(grey, corners)
        if codes is None:
            return cls.none()
        points = np.array([complex(*corner.pt) for corner in kept], np.complex64)
        return cls(points, np.ascontiguousarray(codes).view(np.uint64))

    @classmethod
    def none(cls) -> Self:
        """Give those of an image without any."""
        return cls(np.empty(0, np.complex64), np.empty((0, WORDS), np.uint64))

    def pack(self) -> str:
        """Write as base64."""
        where = np.stack([self.points.real, self.points.imag], axis=1).round().astype("<u2")
        return b64encode(where.tobytes() + self.codes.astype("<u8").tobytes()).decode()

    @classmethod
    def unpack(cls, text: str) -> Self:
        """Read what `pack` wrote."""
        data = b64decode(text)
        count = len(data) // (2 * 2 + 8 * WORDS)
        where = np.frombuffer(data, "<u2", 2 * count).reshape(count, 2).astype(np.float32)
        codes = np.frombuffer(data, "<u8", offset=4 * count).reshape(count, WORDS).astype(np.uint64)
        return cls((where[:, 0] + 1j * where[:, 1]).astype(np.complex64), codes)


def shrunk(grey: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Resize luma to a long side of 320 px."""
    scale = SIDE / max(grey.shape)
    width, height = (max(1, round(side * scale)) for side in grey.shape[::-1])
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(grey, (width, height), interpolation=way), dtype=np.uint8)


def _spread(corners: Sequence[cv2.KeyPoint], shape: tuple[int, ...]) -> list[cv2.KeyPoint]:
    """Choose corners from all over the image: the strongest of each cell, then the second, and so on."""
    if not corners:
        return []
    stated = np.array([(*corner.pt, corner.octave, corner.response) for corner in corners])
    across, down, octave, response = stated.T
    order = np.lexsort((octave, down, across, -response))
    cells = (down[order].astype(int) // _CELL) * (shape[1] // _CELL + 1) + across[order].astype(int) // _CELL
    grouped = np.argsort(cells, kind="stable")
    _, begins, sizes = np.unique(cells[grouped], return_index=True, return_counts=True)
    rank = np.empty(len(cells), int)  # of a corner in its cell
    rank[grouped] = np.arange(len(cells)) - np.repeat(begins, sizes)
    return [corners[index] for index in order[np.argsort(rank, kind="stable")[:_COUNT]]]


def _mirrored(corner: cv2.KeyPoint, width: int) -> cv2.KeyPoint:
    across, down = corner.pt
    angle = (180 - corner.angle) % 360
    return cv2.KeyPoint(width - 1 - across, down, corner.size, angle, corner.response, corner.octave)
