"""Groups of images that are alike."""

from typing import Final, Literal

from .hashes import NearHashes
from .library import Library
from .look import Look
from .neighbours import Neighbours

_IN_PLACE: Final = 0.5  # correlation of images of one hash, where lettering took the corners
_CANDIDATES: Final = 16  # that are aligned with a new image
_Way = Literal["hash", "features", "mirrored"]
_LOCAL: Final[tuple[_Way, _Way]] = ("features", "mirrored")


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
        self._looks = Library()
        self._hashes = NearHashes(distance)
        self._parents: list[int] = []
        self._neighbours = Neighbours()
        self.count = 0

    def add(self, name: str, look: Look) -> None:
        """Add an image and join the groups of everything that it is like."""
        new, candidates = len(self._names), self._candidates(look)
        self._names.append(name)
        if self._distance >= 0:  # else nothing is compared
            self._hashes.add(look.phash)
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
        near = self._hashes.near(look.phash)
        ways: list[tuple[int, _Way]] = [(int(index), "hash") for index in near]
        scored: list[tuple[float, int, _Way]] = []
        # The image's own corners come last: the index knows their words when they are added next.
        for way, corners in zip(_LOCAL[::-1], (look.mirrored, look.corners), strict=True):
            nearest = self._neighbours.nearest(corners.codes, _CANDIDATES)
            scored += [(-score, index, way) for score, index in nearest]
        return ways + [(index, way) for _, index, way in sorted(scored)[:_CANDIDATES]]

    def _are_alike(self, look: Look, known: Look, way: _Way) -> bool:
        if way == "hash":
            here, there = look.relief, known.relief
            return here.in_place(there) >= _IN_PLACE or here.correlates(there, self._correlation)
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
