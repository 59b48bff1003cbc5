"""Convolutional networks fed a few rows at a time: the values of one pass, the memory of a strip.

Every stage keeps the rows that its next window still needs, so no row is ever computed twice and nothing is
cut into tiles: the results are those of the whole image at once, borders included.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

Operation = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Stage:
    """Layer, as far as its rows are concerned.

    Attributes:
        operation: maps float32 ``(N, C, rows, W)`` to its output rows; it pads the columns itself and adds no
            rows of padding.
        kernel: rows of a window.
        stride: rows between windows.
        padding: rows added above and below the image.
        ceil: a last window may reach over the bottom edge (pooling in ceil mode).
        reflect: added rows mirror those inside the image, without its edge row; otherwise they are zeros.
    """

    operation: Operation
    kernel: int = 1
    stride: int = 1
    padding: int = 0
    ceil: bool = False
    reflect: bool = False

    def outputs(self, rows: int) -> int:
        """Count the rows that come out when ``rows`` go in, padding aside."""
        free = rows - self.kernel
        if not self.ceil:
            return max(free // self.stride + 1, 0)
        count = max(-(-free // self.stride) + 1, 0)
        # A window may hang over the edge but must begin inside the image.
        return count - int(count > 0 and (count - 1) * self.stride >= rows)


class _Mirror:
    """Filter that adds mirror images of the first and last rows to rows that pass through."""

    def __init__(self, padding: int) -> None:
        self._padding = padding
        self._held: Tensor | None = None
        self._started = False

    def feed(self, rows: Tensor | None, *, last: bool) -> Tensor | None:
        """Pass rows on; ``None`` until enough are there to mirror. The last call adds those at the bottom."""
        padding = self._padding
        held = torch.cat([strip for strip in (self._held, rows) if strip is not None], dim=2)
        passed = rows
        if not self._started:
            if held.shape[2] <= padding and not last:
                self._held = held
                return None
            self._started = True
            passed = torch.cat([held[:, :, 1 : padding + 1].flip(2), held], dim=2)
        self._held = held[:, :, -padding - 1 :].clone()
        if last:
            below = held[:, :, -padding - 1 : -1].flip(2)
            passed = below if passed is None else torch.cat([passed, below], dim=2)
        return passed


class _Rows:
    """Stage with the rows it still needs."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._kept: Tensor | None = None
        self._mirror = _Mirror(stage.padding) if stage.reflect else None

    def feed(self, rows: Tensor | None, *, last: bool) -> Tensor | None:
        """Give the stage more rows; ``None`` where no window is full. The last call flushes it."""
        stage = self._stage
        if self._mirror is not None:
            rows = self._mirror.feed(rows, last=last)
            if rows is None:
                return None
        strips = [strip for strip in (self._kept, rows) if strip is not None]
        if stage.padding and not stage.reflect:
            like = strips[0]
            zeros = like.new_zeros((*like.shape[:2], stage.padding, like.shape[3]))
            strips = ([zeros] if self._kept is None else []) + strips + ([zeros] if last else [])
        held = torch.cat(strips, dim=2) if len(strips) > 1 else strips[0]
        count = stage.outputs(held.shape[2]) if last else _whole(stage, held.shape[2])
        self._kept = held[:, :, count * stage.stride :].clone()
        if count == 0:
            return None
        return stage.operation(held[:, :, : (count - 1) * stage.stride + stage.kernel])


def _whole(stage: Stage, rows: int) -> int:
    return max((rows - stage.kernel) // stage.stride + 1, 0)


def sizes(stages: Iterable[Stage], length: int) -> list[int]:
    """Count the rows (or columns) after every stage for an image of ``length`` rows (or columns)."""
    lengths = []
    for stage in stages:
        # An image that is not longer than its padding cannot be mirrored.
        short = stage.reflect and length <= stage.padding
        length = 0 if short else stage.outputs(length + 2 * stage.padding)
        lengths.append(length)
    return lengths


def stream(stages: Iterable[Stage], strips: Iterable[Tensor]) -> Iterator[tuple[int, Tensor]]:
    """Run strips of rows through the stages.

    Args:
        stages: the network, first layer first; every one must have an output, see `sizes`.
        strips: float32 ``(N, C, rows, W)`` from top to bottom.

    Yields:
        Index of a stage and the next rows of its output, for every stage, from top to bottom.
    """
    chain = [_Rows(stage) for stage in stages]
    ahead = iter(strips)
    current = next(ahead, None)
    while current is not None:
        following = next(ahead, None)
        rows: Tensor | None = current
        for index, stage in enumerate(chain):
            rows = stage.feed(rows, last=following is None)
            if rows is not None:
                yield index, rows
            elif following is not None:
                break
        current = following
