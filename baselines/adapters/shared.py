"""Memory that two processes share without a name: nothing to find, and nothing left behind by a kill."""

import mmap
import os
import tempfile
import weakref
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from df8k.baselines.base import Image, MethodFailedError

_ZEROS: Final = bytes(2**20)


def _allocate(descriptor: int, before: int, size: int) -> None:
    """Take room for a file from the system, at once and for good.

    Raises:
        OSError: there is none.
    """
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
        return
    while before < size:  # macOS
        before += os.pwrite(descriptor, _ZEROS[: size - before], before)


class Block:
    """Bytes behind a file descriptor that a child process can inherit."""

    def __init__(self) -> None:
        if hasattr(os, "memfd_create"):
            # Not bound by the size of /dev/shm, which containers keep small.
            self.fd = os.memfd_create("array")
        else:
            with tempfile.TemporaryFile() as file:
                self.fd = os.dup(file.fileno())
        self._size = 0
        self._shared: mmap.mmap | None = None
        self._reader: weakref.ref[npt.NDArray[np.uint8]] | None = None
        weakref.finalize(self, os.close, self.fd)

    @property
    def busy(self) -> bool:
        """True while an array that `read` returned is in use."""
        return self._reader is not None and self._reader() is not None

    def reserve(self, size: int) -> None:
        """Make room; a block never shrinks under those who look at it.

        Raises:
            MethodFailedError: there is no room.
        """
        if size <= self._size:
            return
        try:
            # Now rather than when a page is touched, where the lack of it is a signal and no error.
            _allocate(self.fd, self._size, size)
        except OSError as error:
            raise MethodFailedError(
                "out-of-memory", f"no room for {size / 2**20:.0f} MiB to hand pictures over: {error.strerror}"
            ) from error
        self._size, self._shared = size, None

    def write(self, array: npt.NDArray[Any]) -> None:
        """Copy an array into the block, unless it is there already."""
        target = self.view(array.shape, array.dtype)
        present = target.__array_interface__["data"] == array.__array_interface__["data"]
        if not (present and array.flags.c_contiguous):
            target[...] = array

    def view(self, shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """View the first bytes of the block as an array to write to."""
        self.reserve(int(np.prod(shape)) * np.dtype(dtype).itemsize)
        return np.ndarray(shape, dtype, self._mapped())

    def read(self, shape: tuple[int, ...], *, copy: bool) -> Image:
        """Bytes of the block as an array; without a copy, the block is `busy` as long as that lives."""
        flat = np.frombuffer(self._mapped(), np.uint8, int(np.prod(shape)))
        if copy:
            return flat.reshape(shape).copy()
        self._reader = weakref.ref(flat)  # the base of all views, and so alive while there is one
        return flat.reshape(shape)

    def _mapped(self) -> mmap.mmap:
        """Map the whole block, once: each first touch of a page costs."""
        if self._shared is None:
            self._shared = mmap.mmap(self.fd, self._size)
        return self._shared


class Blocks:
    """Blocks of one worker: picture, mask, and outputs that callers may go on using."""

    def __init__(self) -> None:
        self.image, self.mask = Block(), Block()
        # One that a caller keeps, one that it is about to drop, and one to write to.
        self._outputs = [Block() for _ in range(3)]

    @property
    def fds(self) -> tuple[int, ...]:
        """File descriptors that the worker inherits."""
        return (self.image.fd, self.mask.fd, *(block.fd for block in self._outputs))

    def output(self, size: int) -> Block:
        """Find a block that nobody reads, with room for ``size`` bytes."""
        block = next(block for block in self._outputs if not block.busy)
        block.reserve(size)
        return block

    def take(self, block: Block, shape: tuple[int, ...]) -> Image:
        """Take the answer from a block, without a copy while that leaves a block for the next one."""
        free = sum(not other.busy for other in self._outputs)
        return block.read(shape, copy=free < 2)
