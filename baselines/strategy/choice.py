"""Strategy as data, as users write it and cards record it."""

from dataclasses import dataclass
from typing import Final, Literal, Self

from df8k.baselines.base import MethodError

Kind = Literal["native", "pad", "resize", "crop", "tile"]

_FORMS: Final = (
    "native, pad:MULTIPLE, resize:SIDE, crop:SIDE or tile:SIDE:OVERLAP, such as pad:8 or tile:512:64"
)


@dataclass(frozen=True)
class Strategy:
    """Choice of the squares of a picture that a method gets to see.

    Attributes:
        kind: ``native`` hands the picture over as it is; ``pad`` mirrors it outwards to sides that a network
            can halve; ``resize`` reduces the whole of it; ``crop`` cuts a square around each group of holes;
            ``tile`` covers the hole with overlapping squares and blends.
        side: side of the square that the method gets, in pixels: its working resolution; for ``pad`` what
            both sides become a multiple of; 0 for ``native``.
        overlap: pixels that neighbouring tiles share; 0 for the others.
    """

    kind: Kind
    side: int = 0
    overlap: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``native``, ``pad:MULTIPLE``, ``resize:SIDE``, ``crop:SIDE``, ``tile:SIDE[:OVERLAP]``.

        A tile's overlap is an eighth of its side where none is given.

        Raises:
            MethodError: it is none of these, or its numbers do not fit; the message lists the forms.
        """
        kind, *numbers = text.split(":")
        most = {"native": 0, "pad": 1, "resize": 1, "crop": 1, "tile": 2}.get(kind)
        digits = all(number.isascii() and number.isdigit() for number in numbers)
        if most is None or not digits or len(numbers) > most or bool(numbers) != bool(most):
            raise MethodError(f"{text!r} is not a strategy: expected {_FORMS}")
        side, *rest = [*map(int, numbers)] or [0]
        overlap = rest[0] if rest else side // 8 if kind == "tile" else 0
        if kind == "pad" and not 2 <= side <= 1024:
            raise MethodError(f"{text!r}: sides are padded to a multiple of 2 to 1024 px")
        if kind not in ("native", "pad") and side < 16:
            raise MethodError(f"{text!r}: the side must be at least 16 px")
        if kind == "tile" and overlap > side // 2:
            raise MethodError(f"{text!r}: the overlap must be at most half of the side, {side // 2} px")
        return cls(kind, side, overlap)  # type: ignore[arg-type] # one of them, as checked

    def __str__(self) -> str:
        """Write the text that `parse` reads."""
        numbers = {"native": (), "tile": (self.side, self.overlap)}.get(self.kind, (self.side,))
        return ":".join([self.kind, *map(str, numbers)])
