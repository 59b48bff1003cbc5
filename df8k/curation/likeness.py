"""Likeness of two images: hashes and features find candidates, a comparison of thumbnails makes sure."""

import json
from array import array
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from tempfile import TemporaryFile
from typing import Final, Literal
from weakref import finalize
from zlib import compress, decompress

import cv2
import numpy as np
import numpy.typing as npt

from .alignment import UNMOVED, align, overlap
from .features import SIDE as FEATURES_SIDE
from .features import Features, shrunk
from .hashes import NearHashes
from .neighbours import Neighbours

_SIDE: Final = 96  # px, long side of the compared thumbnails
_KEPT: Final = 0.7  # fraction of one image's sides that is looked for in the other
_SCALES: Final = tuple(np.geomspace(0.85, 1 / 0.85, 13))
_BLUR: Final = 3.0  # px; slower changes, such as any two evening skies share, do not count

_AGREEMENT: Final = 0.4  # correlation of what two aligned images share; few unlike ones pass 0.1
_FEW: Final = 10  # corners; fewer agree by chance on one shift of two unlike skylines
_AGREEMENT_OF_FEW: Final = 0.6
_SIGNIFICANCE: Final = 3.5  # correlation times the root of the pixels that it stands on
_FRACTION: Final = 0.5  # of the smaller image, that must be shared
_IN_PLACE: Final = 0.5  # correlation of images of one hash, where lettering took the corners
_RECENT: Final = 512  # looks in memory
_CANDIDATES: Final = 16  # that are aligned with a new image
_Way = Literal["hash", "features", "mirrored"]
_LOCAL: Final[tuple[_Way, _Way]] = ("features", "mirrored")


@dataclass(frozen=True)
class Look:
    """Small image to compare with others, and its perceptual hash.

    Attributes:
        phash: 64-bit perceptual hash (DCT), 16 hexadecimal digits.
        width: of the thumbnail.
        height: likewise.
        luma: its pixels, zlib and base64.
        features: corners of the image, see `Features.pack`; empty in looks of earlier versions.
        mirrored: those of the mirrored image.
    """

    phash: str
    width: int
    height: int
    luma: str
    features: str = ""
    mirrored: str = ""

    @classmethod
    def at(cls, grey: npt.NDArray[np.uint8]) -> "Look":
        """Reduce and hash an image's luma, uint8 ``(H, W)``, of any size."""
        scale = _SIDE / max(grey.shape)
        width, height = (max(1, round(side * scale)) for side in grey.shape[::-1])
        small = cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA)
        phash = cv2.img_hash.pHash(small).tobytes().hex()
        luma = b64encode(compress(small.tobytes())).decode()
        near = shrunk(grey)
        corners = (Features.of(image).pack() for image in (near, np.ascontiguousarray(near[:, ::-1])))
        return cls(phash, width, height, luma, *corners)

    @cached_property
    def pixels(self) -> npt.NDArray[np.float32]:
        """Thumbnail, float32 ``(H, W)``."""
        data = decompress(b64decode(self.luma))
        return np.frombuffer(data, np.uint8).reshape(self.height, self.width).astype(np.float32)

    @cached_property
    def corners(self) -> Features:
        """Corners of the image."""
        return Features.unpack(self.features)

    @cached_property
    def mirrored_corners(self) -> Features:
        """Corners of the mirrored image."""
        return Features.unpack(self.mirrored)

    @cached_property
    def relief(self) -> npt.NDArray[np.float32]:
        """Thumbnail less its slow changes."""
        pixels = self.pixels
        return np.asarray(pixels - cv2.GaussianBlur(pixels, (0, 0), _BLUR), dtype=np.float32)

    def correlation(self, other: "Look") -> float:
        """Find the best correlation of this image's middle with any part of the other, over scales of ±15 %.

        Returns:
            in [-1, 1]; 1 for the same image, however exposed; little less for one cropped or scaled.
        """
        return max(_search(self.relief, other.relief), _search(other.relief, self.relief))

    def shares(self, other: "Look", *, mirrored: bool) -> bool:
        """Tell whether one image was made of the other: turned, cropped, framed, written over.

        Args:
            other: the other image.
            mirrored: whether one of them is mirrored first.
        """
        first, second = sorted((self, other), key=lambda look: (look.phash, look.luma))
        here = np.ascontiguousarray(first.pixels[:, ::-1]) if mirrored else first.pixels
        alignment = align(first.mirrored_corners if mirrored else first.corners, second.corners)
        if alignment is None:
            return False
        shared = overlap(here, second.pixels, alignment, _SIDE / FEATURES_SIDE)
        significant = shared.correlation * shared.extent**0.5 >= _SIGNIFICANCE
        agreement = _AGREEMENT if alignment.support >= _FEW else _AGREEMENT_OF_FEW
        return shared.correlation >= agreement and shared.fraction >= _FRACTION and significant

    def in_place(self, other: "Look") -> float:
        """Correlate the images as they lie, with whatever is written over one of them."""
        return overlap(self.pixels, other.pixels, UNMOVED, 1.0).correlation


def _search(pattern: npt.NDArray[np.float32], image: npt.NDArray[np.float32]) -> float:
    height, width = pattern.shape
    top, left = round(height * (1 - _KEPT) / 2), round(width * (1 - _KEPT) / 2)
    middle = pattern[top : height - top, left : width - left]
    if middle.std() < 1e-3:
        return 0.0  # nothing to recognise; correlation would divide by nothing
    best = -1.0
    for scale in _SCALES:
        template = cv2.resize(middle, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
        if template.shape[0] <= image.shape[0] and template.shape[1] <= image.shape[1]:
            response = cv2.matchTemplate(image, template, cv2.TM_CCOEFF_NORMED)
            best = max(best, float(np.nan_to_num(response, posinf=-1.0).max()))
    return best


class LookFile:
    """Looks in a temporary file without a name, 20 kB each; the last used are in memory."""

    def __init__(self) -> None:
        self._file = TemporaryFile(prefix="df8k-looks-")  # noqa: SIM115 - closed with this object
        finalize(self, self._file.close)
        self._begins = array("Q", [0])
        self._recent = lru_cache(_RECENT)(self._read)

    def append(self, look: Look) -> None:
        """Add a look, which is numbered in turn."""
        data = json.dumps(asdict(look)).encode()
        self._file.seek(self._begins[-1])
        self._file.write(data)
        self._begins.append(self._begins[-1] + len(data))

    def __getitem__(self, index: int) -> Look:
        """Read a look by its number."""
        return self._recent(index)

    def _read(self, index: int) -> Look:
        begin, end = self._begins[index : index + 2]
        self._file.seek(begin)
        return Look(**json.loads(self._file.read(end - begin)))


class Clusters:
    """Groups of images that are alike, by single linkage: the order of `add` does not matter."""

    def __init__(self, *, distance: int, correlation: float) -> None:
        """Set the limits of likeness.

        Args:
            distance: largest Hamming distance of the hashes of a pair that is compared.
            correlation: smallest correlation of a pair that is alike.
        """
        self._distance, self._correlation = distance, correlation
        self._names: list[str] = []
        self._looks = LookFile()
        self._hashes = NearHashes(distance)
        self._parents: list[int] = []
        self._neighbours = Neighbours()
        self.count = 0

    def add(self, name: str, look: Look) -> None:
        """Add an image and join the groups of everything that it is like."""
        new, candidates = len(self._names), self._candidates(look)
        self._names.append(name)
        if self._distance >= 0:  # else nothing is compared
            self._hashes.add(int(look.phash, 16))
            self._neighbours.add(look.corners.codes)
            self._looks.append(look)
        self._parents.append(new)
        self.count += 1
        for index, way in candidates:
            root, other = self._root(new), self._root(index)
            if root != other and self._are_alike(look, self._looks[index], way):
                self._parents[root] = other
                self.count -= 1

    def like(self, look: Look) -> list[str]:
        """List the images that another one is like, without adding it."""
        alike = {
            index for index, way in self._candidates(look) if self._are_alike(look, self._looks[index], way)
        }
        return [self._names[index] for index in sorted(alike)]

    @property
    def index_bytes(self) -> int:
        """Memory of the indices; looks lie in a file."""
        return self._neighbours.bytes + self._hashes.bytes

    def _candidates(self, look: Look) -> list[tuple[int, _Way]]:
        """List images that may be alike, and what says so."""
        if self._distance < 0:
            return []
        near = self._hashes.near(int(look.phash, 16))
        ways: list[tuple[int, _Way]] = [(int(index), "hash") for index in near]
        scored: list[tuple[float, int, _Way]] = []
        # The image's own corners come last: the index knows their words when they are added next.
        for way, corners in zip(_LOCAL[::-1], (look.mirrored_corners, look.corners), strict=True):
            nearest = self._neighbours.nearest(corners.codes, _CANDIDATES)
            scored += [(-score, index, way) for score, index in nearest]
        return ways + [(index, way) for _, index, way in sorted(scored)[:_CANDIDATES]]

    def _are_alike(self, look: Look, known: Look, way: _Way) -> bool:
        if way == "hash":
            return look.correlation(known) >= self._correlation or look.in_place(known) >= _IN_PLACE
        return look.shares(known, mirrored=way == "mirrored")

    def groups(self) -> list[list[str]]:
        """List the groups, each with the names of its members."""
        members: dict[int, list[str]] = {}
        for index, name in enumerate(self._names):
            members.setdefault(self._root(index), []).append(name)
        return list(members.values())

    def _root(self, index: int) -> int:
        while self._parents[index] != index:
            index = self._parents[index]
        return index
