"""One photograph, one hole, one method."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Union

import numpy as np
import numpy.typing as npt

from df8k.errors import FillError

from .hole import MaskSource, Polarity, read_hole
from .photo import Photo, check_target, read_photo, write_photo
from .sheet import before_after

if TYPE_CHECKING:
    from df8k.baselines import Inpainter

Pixels = npt.NDArray[np.uint8]
Hole = npt.NDArray[np.bool_]
Method: TypeAlias = Union[str, "Inpainter", Callable[[Pixels, Hole], Pixels]]


@dataclass(frozen=True)
class Filled:
    """Filled photograph.

    Attributes:
        photo: the photograph as it was read.
        hole: bool ``(H, W)``, ``True`` = what was filled.
        pixels: uint8 RGB ``(H, W, 3)``; known pixels are the photograph's, bit for bit.
        remark: what was assumed about the mask; ``None`` where nothing was.
    """

    photo: Photo
    hole: Hole
    pixels: Pixels
    remark: str | None = None

    def save(self, path: str | Path) -> None:
        """Store the filled picture; see `photo.write_photo`.

        Raises:
            FillError: a suffix that is not written.
            OSError: the file cannot be written.
        """
        write_photo(Path(path), self.pixels, self.photo, self.hole)

    def sheet(self) -> bytes:
        """Draw before and after, side by side; gives a PNG."""
        return before_after(self.photo.pixels, self.hole, self.pixels)


def fill(
    photo: str | Path | Pixels,
    mask: MaskSource,
    method: Method = "rethined",
    *,
    hole: Polarity = "auto",
    out: str | Path | None = None,
    key: str | None = None,
) -> Filled:
    """Fill the hole of a photograph at full size.

    Args:
        photo: a picture file, whose orientation and colour profile are applied, or uint8 RGB ``(H, W, 3)``.
        mask: where to fill; see `hole.read_hole`.
        method: a SPEC as `baselines.open_method` takes it, an opened method, or any function
            ``inpaint(image, mask) -> image``.
        hole: colour of the missing pixels of a mask that is a picture.
        out: where to store the filled picture.
        key: what the mask of a preset is drawn from; the photo's file stem where it is not given.

    Returns:
        The filled picture with everything it was made from.

    Raises:
        FillError: photo, mask or answer do not fit.
        masks.MaskError: not a mask.
        baselines.MethodError: the method cannot be opened, or cannot work on this picture.
        OSError: a file cannot be read or written.

    Example:
        >>> import df8k
        >>> filled = df8k.fill("photo.jpg", "mask.png", out="filled.png")  # doctest: +SKIP
        >>> filled.pixels.shape  # doctest: +SKIP
        (6000, 8000, 3)
    """
    if out is not None:
        check_target(Path(out))
    source = read_photo(photo)
    height, width = source.pixels.shape[:2]
    if key is None:
        key = Path(photo).stem if isinstance(photo, (str, Path)) else ""
    missing, remark = read_hole(mask, (width, height), polarity=hole, key=key)
    filled = Filled(source, missing, _answer(method, source, missing), remark)
    if out is not None:
        filled.save(out)
    return filled


def _answer(method: Method, photo: Photo, hole: Hole) -> Pixels:
    """Ask the method, and put the known pixels back."""
    from df8k.baselines import as_inpainter

    inpaint = as_inpainter(method)
    image = photo.pixels.copy()
    image[hole] = 0
    answer = np.asarray(inpaint(image, hole))
    if answer.dtype != np.uint8 or answer.shape != photo.pixels.shape:
        raise FillError(
            f"the method returned {answer.dtype} {answer.shape}, uint8 {photo.pixels.shape} is expected: "
            "`df8k method check` tells more"
        )
    pixels: Pixels = np.where(hole[..., None], answer, photo.pixels)
    return pixels
