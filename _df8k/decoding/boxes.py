"""Colour of pictures in ISO boxes (HEIC, AVIF) without a profile: the box ``colr`` with its code points."""

from collections.abc import Iterator
from typing import Final

# Boxes that hold boxes, and how many bytes of their own come first.
_FOLDERS: Final = {b"meta": 4, b"iprp": 0, b"ipco": 0, b"moov": 0}
_EXTENDED: Final = 1  # the length follows the name, in eight bytes


def code_points(data: bytes) -> tuple[int, int, int, bool] | None:
    """Read primaries, transfer, matrix and range (ITU-T H.273) of the first picture that states them."""
    for name, start, end in _boxes(data, 0, len(data)):
        if name == b"colr" and data[start : start + 4] == b"nclx" and end - start >= 11:
            primaries, transfer, matrix = (
                int.from_bytes(data[start + at : start + at + 2], "big") for at in (4, 6, 8)
            )
            return primaries, transfer, matrix, bool(data[start + 10] & 128)
    return None


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while start + 8 <= end:
        size, head = int.from_bytes(data[start : start + 4], "big"), 8
        name = data[start + 4 : start + 8]
        if size == _EXTENDED:
            size, head = int.from_bytes(data[start + 8 : start + 16], "big"), 16
        stop = min(end, start + size) if size else end
        if stop < start + head:
            return
        yield name, start + head, stop
        if name in _FOLDERS:
            yield from _boxes(data, start + head + _FOLDERS[name], stop)
        start = stop
