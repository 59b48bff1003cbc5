"""What is compared of an image: a thumbnail, its perceptual hash, and its corners."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Self
from zlib import compress, decompress

import cv2
import numpy as np
import numpy.typing as npt

from .alignment import align, overlap
from .correlation import Relief
from .features import SIDE as FEATURES_SIDE
from .features import Features, shrunk

_SIDE: Final = 96  # px, long side of the compared thumbnails
_AGREEMENT: Final = 0.4  # correlation of what two aligned images share; few unlike ones pass 0.1
_FEW: Final = 10  # corners; fewer agree by chance on one shift of two unlike skylines
_AGREEMENT_OF_FEW: Final = 0.6
_SIGNIFICANCE: Final = 3.5  # correlation times the root of the pixels that it stands on
_FRACTION: Final = 0.5  # of the smaller image, that must be shared


@dataclass(frozen=True, eq=False)
class Look:
    """Small image to compare with others.

    Attributes:
        phash: 64-bit perceptual hash (DCT).
        luma: thumbnail, uint8 ``(H, W)``.
        corners: of the image; none in looks of earlier versions.
        mirrored: corners of the mirrored image.
    """

    phash: int
    luma: npt.NDArray[np.uint8]
    corners: Features
    mirrored: Features

    @classmethod
    def at(cls, grey: npt.NDArray[np.uint8]) -> Self:
        """Reduce and hash an image's luma, uint8 ``(H, W)``, of any size."""
        scale = _SIDE / max(grey.shape)
        width, height = (max(1, round(side * scale)) for side in grey.shape[::-1])
        small = np.asarray(cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        phash = int.from_bytes(cv2.img_hash.pHash(small).tobytes(), "big")
        return cls(phash, small, *Features.of(shrunk(grey)))

    def record(self) -> dict[str, Any]:
        """Write as texts and numbers: the hash as 16 hexadecimal digits, the rest zlib and base64."""
        height, width = self.luma.shape
        return {
            "phash": f"{self.phash:016x}",
            "width": width,
            "height": height,
            "luma": b64encode(compress(self.luma.tobytes())).decode(),
            "features": self.corners.pack(),
            "mirrored": self.mirrored.pack(),
        }

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Self:
        """Read what `record` wrote."""
        luma = np.frombuffer(decompress(b64decode(record["luma"])), np.uint8)
        corners = (Features.unpack(record.get(name, "")) for name in ("features", "mirrored"))
        return cls(int(record["phash"], 16), luma.reshape(record["height"], record["width"]), *corners)

    @cached_property
    def relief(self) -> Relief:
        """Thumbnail less its slow changes."""
        return Relief.of(self.luma)

    def shares(self, other: "Look", *, mirrored: bool) -> bool:
        """Tell whether one image was made of the other: turned, cropped, framed, written over.

        Args:
            other: the other image.
            mirrored: whether one of them is mirrored first.
        """
        first, second = sorted((self, other), key=lambda look: (look.phash, look.luma.tobytes()))
        alignment = align(first.mirrored if mirrored else first.corners, second.corners)
        if alignment is None:
            return False
        here, there = (look.luma.astype(np.float32) for look in (first, second))
        if mirrored:
            here = np.ascontiguousarray(here[:, ::-1])
        shared = overlap(here, there, alignment, _SIDE / FEATURES_SIDE)
        significant = shared.correlation * shared.extent**0.5 >= _SIGNIFICANCE
        agreement = _AGREEMENT if alignment.support >= _FEW else _AGREEMENT_OF_FEW
        return shared.correlation >= agreement and shared.fraction >= _FRACTION and significant
