"""Resolution-free masks: lattice primitives with canonical JSON, a hash and an exact raster at any size."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from _df8k.bounded import parse_json

from .errors import MaskError
from .raster.lattice import Frame, reduced
from .raster.primitives import Primitive, checked
from .raster.runs import Runs
from .raster.spans import draw

FORMAT: Final = "df8k-mask-1"
_MAX_LENGTH: Final = 2**20
_KEYS: Final = {"aspect", "format", "origin", "primitives", "window"}


@dataclass(frozen=True, repr=False)
class VectorMask:
    """Mask as the union of integer lattice shapes in a frame of fixed aspect.

    The short side of the frame is 65536 lattice units. The same vector gives the same shape at every size.

    Attributes:
        frame: the frame and its visible window.
        primitives: the shapes, see `masks.raster.primitives`.
        origin: record of its making (``preset``, ``family``, ``attempt``), strings and integers; empty for a
            mask made by hand. It is part of the JSON and of the hash.
    """

    frame: Frame
    primitives: tuple[Primitive, ...]
    origin: Mapping[str, str | int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        aspect: tuple[int, int],
        primitives: Iterable[Sequence[Any]],
        origin: Mapping[str, str | int] | None = None,
    ) -> "VectorMask":
        """Build a mask by hand.

        Args:
            aspect: width and height of the frame as integers, for example the pixel size.
            primitives: shapes in lattice units, see `masks.raster.primitives`.
            origin: a record of the mask's making, strings and integers.

        Raises:
            MaskError: a shape or the aspect is malformed.
        """
        return cls(Frame(reduced(aspect)), checked(primitives), dict(origin or {}))

    @classmethod
    def from_json(cls, text: str) -> "VectorMask":
        """Read a mask that `json` wrote; the result writes the same text again.

        Raises:
            MaskError: not JSON, another format, or malformed content.
        """
        if not isinstance(text, str) or len(text) > _MAX_LENGTH:
            raise MaskError(f"a vector mask is a text of at most {_MAX_LENGTH} characters")
        finding = "is expected to be canonical JSON"
        content = parse_json(text, "a vector mask", MaskError, finding=finding)
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            kind = content.get("format") if isinstance(content, dict) else type(content).__name__
            raise MaskError(f"vector mask format is {kind!r}; this version reads {FORMAT!r}")
        unknown = sorted(set(content) - _KEYS)
        if unknown or not all(isinstance(content.get(key), list) for key in ("aspect", "primitives")):
            raise MaskError(f"a vector mask holds lists 'aspect' and 'primitives'; unknown keys: {unknown}")
        window, origin = content.get("window"), content.get("origin", {})
        if not isinstance(origin, dict) or not all(type(value) in {str, int} for value in origin.values()):
            raise MaskError("a vector mask's 'origin' is an object of texts and integers")
        if not (window is None or isinstance(window, list)):
            raise MaskError("a vector mask's 'window' is a list of four integers, its 'origin' an object")
        if not all(isinstance(primitive, list) for primitive in content["primitives"]):
            raise MaskError("each primitive of a vector mask is a list: a letter, then integers")
        frame = Frame(tuple(content["aspect"]), None if window is None else tuple(window))
        mask = cls(frame, checked(content["primitives"]), origin)
        if mask.json != text or (window is None and reduced(frame.aspect) != frame.aspect):
            raise MaskError(
                "the vector mask's JSON is not in canonical form: sorted keys, no spaces, lowest terms"
            )
        return mask

    def __repr__(self) -> str:
        width, height = self.aspect
        drawn = f", {self.origin['preset']}" if "preset" in self.origin else ""
        return f"VectorMask({width}:{height}, {len(self.primitives)} shapes{drawn}, {self.sha256[:8]})"

    def _repr_svg_(self) -> str:
        """Draw the mask for a notebook, missing parts dark."""
        width, height = self.aspect
        scale = 320 / max(width, height)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        raster = self.rasterize(*size)
        edges = np.diff(raster.astype(np.int8), axis=1, prepend=0, append=0)
        rows, starts = np.nonzero(edges == 1)
        ends = np.nonzero(edges == -1)[1]
        runs = "".join(
            f"M{left} {row}h{right - left}v1H{left}z"
            for row, left, right in zip(rows, starts, ends, strict=True)
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}">'
            f'<rect width="100%" height="100%" fill="#e2e5e8"/><path fill="#264673" d="{runs}"/></svg>'
        )

    @cached_property
    def json(self) -> str:
        """Write canonical JSON: sorted keys, integers, no spaces, ASCII. Equal masks have equal text."""
        content: dict[str, Any] = {
            "aspect": self.frame.aspect,
            "format": FORMAT,
            "primitives": self.primitives,
        }
        if self.origin:
            content["origin"] = dict(self.origin)
        if self.frame.window is not None:
            content["window"] = self.frame.window
        return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)

    @cached_property
    def sha256(self) -> str:
        """Hash the canonical JSON; gives the SHA-256 in hexadecimal."""
        return sha256(self.json.encode("ascii")).hexdigest()

    @property
    def aspect(self) -> tuple[int, int]:
        """Give width and height of the window in lowest terms."""
        return reduced(self.frame.shown[2:])

    def runs(self, width: int, height: int) -> Runs:
        """Draw the exact run list at a size, without a raster.

        Raises:
            MaskError: the size is more than a pixel away from the mask's aspect.
        """
        return draw(self.frame, self.primitives, width, height)

    def rasterize(self, width: int, height: int) -> npt.NDArray[np.bool_]:
        """Draw the mask at a size: bool ``(height, width)``, True = missing.

        A pixel is missing exactly if its centre lies inside a shape. Nothing is resized: each size is drawn
        afresh.

        Raises:
            MaskError: the size is more than a pixel away from the mask's aspect.
        """
        return self.runs(width, height).raster()

    def area(self, width: int, height: int) -> int:
        """Count the missing pixels at a size, without a raster.

        Raises:
            MaskError: the size is more than a pixel away from the mask's aspect.
        """
        return self.runs(width, height).area

    def coverage(self, width: int, height: int) -> float:
        """Compute the missing fraction of the pixels at a size, 0 to 1.

        Raises:
            MaskError: the size is more than a pixel away from the mask's aspect.
        """
        return self.area(width, height) / (width * height)

    def centre_square(self, width: int | None = None, height: int | None = None) -> "VectorMask":
        """Crop the mask to the frame's centre square, for the protocol that crops images to squares.

        Args:
            width: native width in pixels. With it and ``height``, the square begins at pixel
                ``((width - s) // 2, (height - s) // 2)``, where ``s = min(width, height)``, and the result at
                ``s`` x ``s`` equals that crop of the native mask in every pixel. Without them the exact
                middle is taken, which differs by half a pixel where ``width - height`` is odd.
            height: native height in pixels.

        Raises:
            MaskError: the size does not have the mask's aspect, or the mask is a part of a frame already.
        """
        if (width is None) != (height is None):
            raise MaskError("centre_square takes both width and height, or neither")
        if width is None or height is None:
            width, height = 2 * self.frame.aspect[0], 2 * self.frame.aspect[1]
        side = min(width, height)
        return self.crop((width, height), ((width - side) // 2, (height - side) // 2, side, side))

    def crop(self, size: tuple[int, int], window: tuple[int, int, int, int]) -> "VectorMask":
        """Crop the mask to a window of the frame.

        Args:
            size: width and height of the whole frame in pixels.
            window: left, top, width and height in pixels of that size.

        Raises:
            MaskError: the size does not have exactly the mask's aspect, the window does not lie inside it,
                or the mask is a part of a frame already.
        """
        if self.frame.window is not None:
            raise MaskError("this mask shows a part of its frame already: crop the mask of the whole frame")
        if reduced(size) != reduced(self.frame.aspect):
            raise MaskError(
                f"size {size} does not have the mask's aspect {self.frame.aspect[0]}:{self.frame.aspect[1]}"
            )
        return VectorMask(Frame(size, window), self.primitives, self.origin)
