"""Index of local features: which of many images share some with a new one, without comparing all of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from .features import Codes

_TABLES: Final = 8
_BITS: Final = 22  # of a word; two corners that are the same agree on all of them in some table
_COMMON: Final = 200  # images; a word that more of them have says nothing, at any size of the library
_RATIO: Final = 4  # of the lengths of runs; each is looked up for each image
_MAPPED: Final = 1 << 23  # entries; as many lie in a file
_PIECE: Final = 1 << 20  # entries of a long run that are merged at a time
_STEP: Final = 7  # bits by which the words of one table are moved against those of the one before
_SHIFT: Final = np.uint64(32)

_Number = TypeVar("_Number", np.uint64, np.int64)
_Entries = npt.NDArray[np.uint64]  # word in the upper half, image in the lower


@dataclass(frozen=True)
class _Run:
    """Sorted entries of consecutive images, with a table of where the prefixes of words begin.

    Attributes:
        entries: uint64 ``(N,)``.
        begins: int64, by prefix.
        shift: bits of a word below its prefix.
    """

    entries: _Entries
    begins: npt.NDArray[np.int64]
    shift: int

    @classmethod
    def of(cls, entries: _Entries) -> "_Run":
        # About eight entries to a prefix: few to search, and the table is an eighth of the entries at most.
        length = _TABLES.bit_length() - 1 + _BITS
        shift = max(0, length - max(0, len(entries).bit_length() - 4))
        prefixes = np.arange((1 << (length - shift)) + 1, dtype=np.uint64) << np.uint64(32 + shift)
        begins = np.searchsorted(entries, prefixes).astype(np.int64)
        return cls(entries, begins if len(entries) < _MAPPED else _mapped([begins]), shift)


def _merged(first: _Entries, second: _Entries) -> _Entries:
    """Merge two sorted runs; the length of long ones is never in memory."""
    if len(first) + len(second) < _MAPPED:
        return next(_merge(first, second, len(first)))
    return _mapped(_merge(first, second, _PIECE))


def _merge(first: _Entries, second: _Entries, piece: int) -> Iterator[_Entries]:
    """Merge ``piece`` entries of the first run at a time."""
    done = 0
    for begin in range(0, len(first), piece):
        end = begin + piece
        limit = np.searchsorted(second, first[end]) if end < len(first) else len(second)
        # Two sorted runs one after the other: a merge, not a sort.
        yield np.sort(np.concatenate([first[begin:end], second[done:limit]]), kind="stable")
        done = limit


def _mapped(parts: Iterable[npt.NDArray[_Number]]) -> npt.NDArray[_Number]:
    """Move an array into a temporary file without a name: the system keeps of it what memory there is for."""
    with TemporaryFile(prefix="df8k-index-") as file:
        for part in parts:
            part.tofile(file)
            kind = part.dtype
        return np.asarray(np.memmap(file, kind, "r+"))


class Neighbours:
    """Inverted index in sorted runs that grow in length: adding one image costs little, at any size.

    Long runs lie in temporary files.
    """

    def __init__(self) -> None:
        self._runs: list[_Run] = []
        self._count = 0
        # Written anew by each query; here so that none has to clear as much as there are images.
        self._scores = np.zeros(1024)
        self._images = np.empty(1024, np.int64)
        self._asked: tuple[Codes, _Entries] | None = None  # last: an image is compared, then added

    def _words_of(self, codes: Codes) -> _Entries:
        if self._asked is None or self._asked[0] is not codes:
            self._asked = codes, _words(codes)
        return self._asked[1]

    @property
    def bytes(self) -> int:
        """Size of the entries, and of what a query needs."""
        runs = sum(run.entries.nbytes + run.begins.nbytes for run in self._runs)
        return runs + self._scores.nbytes + self._images.nbytes

    def add(self, codes: Codes) -> None:
        """Add an image, which is numbered in turn."""
        entries = (self._words_of(codes) << _SHIFT) | np.uint64(self._count)
        self._count += 1
        while self._runs and len(self._runs[-1].entries) <= _RATIO * len(entries):
            entries = _merged(self._runs.pop().entries, entries)
        if len(entries):
            self._runs.append(_Run.of(entries))
        if self._count > self._scores.size:
            self._scores = np.zeros(2 * self._scores.size)
            self._images = np.empty(self._scores.size, np.int64)

    def nearest(self, codes: Codes, count: int) -> list[tuple[float, int]]:
        """List the images that share the most and the rarest words, the nearest first.

        Args:
            codes: of a new image.
            count: at most.

        Returns:
            scores and numbers of the images.
        """
        if not self._runs:
            return []
        from .corner_kernels import add_scores, spans

        words = self._words_of(codes)
        ends = [spans(run.entries, run.begins, run.shift, words) for run in self._runs]
        frequency = np.sum([last - first for first, last in ends], axis=0, dtype=np.float64)
        weights = np.log(np.maximum(self._count, 2) / np.maximum(frequency, 1)) ** 2 + 1e-3
        weights[frequency > _COMMON] = 0
        touched = 0
        for run, bounds in zip(self._runs, ends, strict=True):
            touched = add_scores(run.entries, bounds, weights, self._scores, self._images, touched)
        images = self._images[:touched]
        scores = self._scores[images]
        self._scores[images] = 0
        if touched > count:
            leading = scores >= np.partition(scores, touched - count)[touched - count]
            images, scores = images[leading], scores[leading]
        best = np.lexsort((images, -scores))[:count]  # of equally near ones the first
        return [(float(scores[index]), int(images[index])) for index in best]


def _words(codes: Codes) -> npt.NDArray[np.uint64]:
    """Draw a word of 22 bits, spread over the description, for each corner and table; each word once."""
    from .corner_kernels import draw_words

    words = np.sort(draw_words(codes, _TABLES, _BITS, _STEP))  # numpy's unique takes five times as long
    distinct: _Entries = words[np.diff(words, prepend=~words[:1]) != 0]
    return distinct
