"""One thread for a worker."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep OpenCV to one thread: a worker is one core's work, and more threads would slow the others down."""
    import cv2  # `df8k --help` asks for the names of engines, and needs no pixels

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
