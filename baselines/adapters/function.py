"""Plain functions as methods, as one writes them in a notebook."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from df8k.baselines.base import Image, Inpainter, Mask, MethodCard, MethodError, Wrapper
from df8k.baselines.seeding import seed_generators, takes_seed

from .factory import open_method

Function: TypeAlias = Callable[[Image, Mask], Image]


class PlainFunction:
    """Function ``inpaint(image, mask) -> image`` with a card."""

    def __init__(self, function: Function, name: str | None = None) -> None:
        self._function = function
        self._seed: int | None = None
        self.card = MethodCard(
            name=name or _kebab(getattr(function, "__name__", type(function).__name__)),
            version="not stated",
            summary="a function of the caller",
            source=getattr(function, "__module__", None) or "not stated",
            licence="not stated",
            settings={"adapter": "function"},
        )

    def __call__(self, image: Image, mask: Mask) -> Image:
        """Fill the hole; see `baselines.Inpainter`."""
        if self._seed is None:
            return np.asarray(self._function(image, mask))
        seed_generators(self._seed)
        options = {"seed": self._seed} if takes_seed(self._function) else {}
        return np.asarray(self._function(image, mask, **options))

    def reseed(self, seed: int) -> None:
        """Seed the generators before each call; see `baselines.base.Reseeds`."""
        self._seed = seed


class Renamed(Wrapper):
    """Method under another name in tables."""

    def __init__(self, inpaint: Inpainter, name: str) -> None:
        super().__init__(inpaint)
        self._name = name

    @property
    def card(self) -> MethodCard:
        """Return the method's card with the other name."""
        return replace(self.inpaint.card, name=self._name)


def as_inpainter(method: str | Inpainter | Function, name: str | None = None) -> Inpainter:
    """Make an inpainter of whatever a user has.

    Args:
        method: a SPEC as `open_method` takes it, an inpainter, or a function
            ``inpaint(image, mask) -> image`` of uint8 RGB ``(H, W, 3)`` and bool ``(H, W)``.
        name: what tables call it; the method's own name by default, a function's ``__name__``.

    Raises:
        MethodError: none of these, or it cannot be opened.
    """
    if isinstance(method, str):
        method = open_method(method)
    if isinstance(method, Inpainter):
        return method if name is None else Renamed(method, name)
    if not callable(method):
        raise MethodError(
            f"{type(method).__name__} is no method: give a name, or a function inpaint(image, mask) -> image"
        )
    return PlainFunction(method, name)


def _kebab(name: str) -> str:
    """Name a function as methods are named: lower case, parts joined by hyphens."""
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-") or "function"
