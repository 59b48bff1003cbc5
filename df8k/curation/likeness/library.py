"""Looks of a library in a file."""

from array import array
from functools import lru_cache
from tempfile import TemporaryFile
from typing import Final
from weakref import finalize

import numpy as np

from .features import WORDS, Features
from .look import Look

_RECENT: Final = 512  # looks in memory
_HEAD: Final = 5  # numbers: hash, height and width of the thumbnail, corners, corners of the mirrored image


class Library:
    """Looks in a temporary file without a name, 17 kB each; the last used are in memory."""

    def __init__(self) -> None:
        self._file = TemporaryFile(prefix="df8k-looks-")  # noqa: SIM115 - closed with this object
        finalize(self, self._file.close)
        self._begins = array("Q", [0])
        self._recent = lru_cache(_RECENT)(self._read)

    def append(self, look: Look) -> None:
        """Add a look, which is numbered in turn."""
        sides = (look.corners, look.mirrored)
        head = np.array([look.phash, *look.luma.shape, *(len(side.points) for side in sides)], np.uint64)
        arrays = [head, *(part for side in sides for part in (side.codes, side.points)), look.luma]
        data = b"".join(part.tobytes() for part in arrays)
        self._file.seek(self._begins[-1])
        self._file.write(data)
        self._begins.append(self._begins[-1] + len(data))

    def __getitem__(self, index: int) -> Look:
        """Read a look by its number."""
        return self._recent(index)

    def _read(self, index: int) -> Look:
        begin, end = self._begins[index : index + 2]
        self._file.seek(begin)
        data = self._file.read(end - begin)
        phash, height, width, *counts = np.frombuffer(data, np.uint64, _HEAD).tolist()
        at, sides = 8 * _HEAD, []
        for count in counts:
            codes = np.frombuffer(data, np.uint64, WORDS * count, at).reshape(count, WORDS)
            points = np.frombuffer(data, np.complex64, count, at + codes.nbytes)
            sides.append(Features(points, codes))
            at += codes.nbytes + points.nbytes
        return Look(phash, np.frombuffer(data, np.uint8, offset=at).reshape(height, width), *sides)
