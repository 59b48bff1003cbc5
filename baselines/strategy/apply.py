"""Run any method under a strategy."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from df8k.baselines.base import (
    Clocked,
    Image,
    Inpainter,
    Mask,
    MethodCard,
    MethodFailedError,
    Wrapper,
    check_inputs,
)

from .blend import Blend
from .choice import Strategy
from .plan import Groups, crop_window, tiles, view_of
from .window import FilledWindow, Window, fill_window


def with_strategy(inpaint: Inpainter, strategy: Strategy | str) -> Inpainter:
    """Make a method look at pictures as a strategy says.

    The method is handed squares of ``strategy.side`` pixels only (with ``pad`` the padded picture), each with
    its hole zeroed; known pixels of the result are the input's, bit for bit. Beyond picture and result
    it takes memory for one square and, with tiles, for one row of tiles.

    Args:
        inpaint: any method.
        strategy: a `Strategy`, or its text, such as ``resize:512``.

    Returns:
        The method itself for ``native``; else a method whose card's settings hold ``strategy`` and
        ``working_resolution_px``.

    Raises:
        MethodError: the text names no strategy.
    """
    parsed = Strategy.parse(strategy) if isinstance(strategy, str) else strategy
    return inpaint if parsed.kind == "native" else WithStrategy(inpaint, parsed)


class WithStrategy(Wrapper):
    """Method under a strategy; see `with_strategy`.

    Attributes:
        strategy: how it looks at pictures.
        calls: how often the last call asked the method.
    """

    def __init__(self, inpaint: Inpainter, strategy: Strategy) -> None:
        super().__init__(inpaint)
        self.strategy = strategy
        self.calls = 0
        self._model_seconds: float | None = None

    @property
    def card(self) -> MethodCard:
        """Card of the method; its name, summary and settings say the strategy."""
        card, tag = self.inpaint.card, str(self.strategy)
        return replace(
            card,
            name=f"{card.name}-{tag.replace(':', '-')}",
            summary=f"{card.summary}; strategy {tag}",
            settings=card.settings | {"strategy": tag} | self._working_resolution,
        )

    @property
    def _working_resolution(self) -> dict[str, int]:
        return {} if self.strategy.kind == "pad" else {"working_resolution_px": self.strategy.side}

    @property
    def model_seconds(self) -> float | None:
        """Seconds inside the network, summed over the windows of the last call; see `Clocked`."""
        return self._model_seconds

    @property
    def declaration(self) -> None:
        """Return ``None``: under a strategy any picture is taken, whatever the method declares."""

    def inputs(self, height: int, width: int) -> None:
        """Return ``None``: the method reads windows and never the arrays of the call."""

    def __call__(self, image: Image, mask: Mask) -> Image:
        """Fill the hole; see `baselines.Inpainter`."""
        check_inputs(image, mask)
        self.calls, self._model_seconds = 0, None
        if not mask.any():
            return image.copy()
        # Averages of reduced windows must not see what stands under the hole.
        source = np.zeros_like(image)
        cv2.copyTo(image, (~mask).view(np.uint8), source)
        return _RUNS[self.strategy.kind](self, source, mask)

    def fill(self, image: Image, mask: Mask, window: Window) -> FilledWindow:
        """Show one window to the method, and keep count."""
        filled = fill_window(self.inpaint, image, mask, window, self.strategy.side)
        self.count()
        return filled

    def count(self) -> None:
        """Count a call that the method has just answered, and its network's time."""
        self.calls += 1
        seconds = self.inpaint.model_seconds if isinstance(self.inpaint, Clocked) else None
        if seconds is not None:
            self._model_seconds = (self._model_seconds or 0.0) + seconds


def _resize(method: WithStrategy, image: Image, mask: Mask) -> Image:
    whole = Window(0, 0, *mask.shape)
    _paste(method.fill(image, mask, whole), image, mask)
    return image


def _pad(method: WithStrategy, image: Image, mask: Mask) -> Image:
    multiple = method.strategy.side
    padding = [(0, -length % multiple) for length in mask.shape]
    # Mirrored, so that a network sees neither an edge nor a colour that the picture lacks.
    picture = np.pad(image, (*padding, (0, 0)), mode="symmetric")
    output = np.asarray(method.inpaint(picture, np.pad(mask, padding, mode="symmetric")))
    if output.dtype != np.uint8 or output.shape != picture.shape:
        fault = f"returned {output.dtype} {output.shape}, expected uint8 {picture.shape}"
        raise MethodFailedError("wrong-output", fault)
    method.count()
    cv2.copyTo(output[: mask.shape[0], : mask.shape[1]], mask.view(np.uint8), image)
    return image


def _crop(method: WithStrategy, image: Image, mask: Mask) -> Image:
    groups = Groups(mask, method.strategy.side)
    result = image.copy()
    for number, box in enumerate(groups.boxes, 1):
        window = crop_window(box, method.strategy.side, mask.shape)
        # Every window is cut from the input, so the order of the holes has no influence.
        filled = method.fill(image, mask, window)
        missing = mask[window.slices] & groups.members(number, window)
        _paste(filled, result[window.slices], missing)
    return result


def _tile(method: WithStrategy, image: Image, mask: Mask) -> Image:
    strategy = method.strategy
    blend = Blend(image.copy(), mask, strategy.side, strategy.overlap)
    for top, row in tiles(mask, strategy.side, strategy.overlap):
        blend.finish(top)  # no later tile reaches the rows above
        for tile in row:
            view = view_of(tile, mask)
            blend.add(method.fill(image, mask, view), view, tile)
    blend.finish(mask.shape[0])
    return blend.result


def _paste(filled: FilledWindow, image: Image, mask: Mask) -> None:
    """Write what was filled where the mask says, in place."""
    for top, strip in filled.strips(0, mask.shape[0]):
        rows = slice(top, top + len(strip))
        if mask[rows].any():
            cv2.copyTo(strip, mask[rows].view(np.uint8), image[rows])


_RUNS: Final[dict[str, Callable[[WithStrategy, Image, Mask], Image]]] = {
    "pad": _pad,
    "resize": _resize,
    "crop": _crop,
    "tile": _tile,
}
