"""Masks from elsewhere: the caller says which colour marks the hole, and a doubtful answer is warned of."""

import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from .errors import MaskError, PolarityWarning
from .files import binary, checked_mask

if TYPE_CHECKING:
    from _df8k.decoding import Rejected

Polarity = Literal["white", "black"]

_SUFFIXES = (".png", ".bmp", ".tif", ".tiff", ".webp", ".gif", ".pbm", ".pgm", ".npy")
_ARRAY = b"\x93NUMPY"
_ARCHIVE = b"PK\x03\x04"


def import_mask(
    source: str | Path, *, hole: Polarity, size: tuple[int, int] | None = None
) -> npt.NDArray[np.bool_]:
    """Read a mask that another project made.

    Args:
        source: a lossless image with one channel, or with equal colour channels, of black and white: zero
            and the largest value of its 1, 8, 16 or 32 bits; or a ``.npy`` array of bools or of zeros and
            ones.
        hole: ``white`` if high values mark missing pixels (LaMa, DeepFill, HiFill, RETHINED), ``black`` if
            zeros do (CoModGAN, MAT, MI-GAN, NVIDIA's training masks).
        size: ``(width, height)`` that it must have.

    Returns:
        bool ``(H, W)``, True = missing.

    Raises:
        MaskError: lossy, not binary, in colour, or of another size.
        OSError: the file cannot be read.

    Warns:
        PolarityWarning: the result looks inverted, see `looks_inverted`.
    """
    path = Path(source)
    if hole not in ("white", "black"):
        raise MaskError(f"hole is {hole!r}: say 'white' or 'black', whichever marks missing pixels")
    mask = _from_array(path) if path.suffix.lower() == ".npy" else _from_image(path)
    if size is not None and mask.shape != (size[1], size[0]):
        raise MaskError(
            f"mask {path} has {mask.shape[1]} x {mask.shape[0]} pixels, its image {size[0]} x {size[1]}: "
            "masks are never resized; make it at the size of its image"
        )
    if hole == "black":
        mask = ~mask
    reason = looks_inverted(mask)
    if reason:
        other = "black" if hole == "white" else "white"
        warnings.warn(
            f"mask {path} looks inverted, {reason}: check whether hole={other!r} is meant",
            PolarityWarning,
            stacklevel=2,
        )
    return mask


def looks_inverted(mask: npt.NDArray[np.bool_]) -> str | None:
    """Say why a mask may have its known pixels marked, or None if nothing suggests it.

    A guess for warnings: holes usually leave most of the frame and of its border known. A mask that covers
    more than 60 % and more than 60 % of the outermost pixels is doubted, as is one that is wholly missing.

    Args:
        mask: bool ``(H, W)``, True = missing.

    Raises:
        MaskError: not a mask.
    """
    mask = checked_mask(mask)
    if mask.all():
        return "every pixel is missing"
    coverage = float(mask.mean())
    border = float(np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]]).mean())
    if coverage > 0.6 and border > 0.6:
        return f"{coverage:.0%} of it and {border:.0%} of its border are missing"
    return None


def _from_array(path: Path) -> npt.NDArray[np.bool_]:
    with path.open("rb") as file:
        start = file.read(len(_ARRAY))
    if start.startswith(_ARCHIVE):
        raise MaskError(f"mask {path} is an archive (.npz): save its array alone, with numpy.save")
    try:
        # Mapped: a header that claims more than the file holds is refused, not allocated.
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError:
        raise
    except Exception as error:  # its header is read as Python, whose parsers raise what they like
        raise MaskError(f"mask {path} is not an array that NumPy can load: {error}") from error
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "buif":
        raise MaskError(f"mask {path} is no array of bools or numbers: bools or zeros and ones are expected")
    if values.ndim != 2 or values.size == 0:
        raise MaskError(f"mask {path} is an array of shape {values.shape}: (height, width) is expected")
    if values.dtype != np.bool_ and not np.isin(values, (0, 1)).all():
        raise MaskError(f"mask {path} holds numbers other than 0 and 1: threshold it yourself and say so")
    mask: npt.NDArray[np.bool_] = values.astype(np.bool_)
    return mask


def _from_image(path: Path) -> npt.NDArray[np.bool_]:
    data = path.read_bytes()
    if data.startswith(_ARRAY):
        raise MaskError(f"mask {path} is an array of NumPy: call the file .npy")
    if data.startswith(_ARCHIVE):
        raise MaskError(f"mask {path} is an archive (.npz or zip): give the mask alone")
    # Every container has its library: a program that only draws masks should not wait for them.
    from _df8k.decoding import OTHER_MASKS, Rejected, read_raster, to_srgb, upright

    try:
        raster = read_raster(data, also=OTHER_MASKS)
    except Rejected as rejection:
        raise MaskError(f"mask {path} {_fault(rejection)}") from rejection
    samples = raster.samples if raster.kind in ("grey", "rgb") else to_srgb(raster)
    turned = upright(samples, raster.orientation)
    grey = turned if turned.ndim == 2 else turned[..., 0]
    if raster.lossy and not np.isin(grey, (0, np.iinfo(grey.dtype).max)).all():
        raise MaskError(
            f"mask {path} is a lossy {raster.container} file, whose edges are not binary any more"
        )
    if raster.container in ("JPEG", "AVIF", "HEIC", "JXL"):
        raise MaskError(f"mask {path} is a {raster.container} file, whose edges are not binary any more")
    if turned.ndim == 3 and (turned != turned[..., :1]).any():
        raise MaskError(f"mask {path} is in colour: black and white are expected")
    return binary(grey, f"mask {path}")


def _fault(rejection: "Rejected") -> str:
    if rejection.reason == "alpha":
        return "is partly transparent: flatten it, then say which colour is the hole"
    return f"is no picture that can be read: {rejection.detail}"


class MaskFolder(Mapping[str, npt.NDArray[np.bool_]]):
    """Folder of masks that a user made, one for each image, looked up by file stem and read on access.

    Args:
        folder: holds the masks; other files are ignored, subfolders are not looked into.
        hole: colour of the missing pixels in all of them.
        sizes: ``(width, height)`` that the mask of each name must have; makes the names complete: a name
            without a mask, or a mask without a name, is an error at once.

    Raises:
        MaskError: no masks, two files for one name, or names and files that do not match.

    Example:
        >>> folder = MaskFolder("my-masks", hole="white", sizes={"0801": (2040, 1356)})  # doctest: +SKIP
        >>> folder["0801"].shape  # doctest: +SKIP
        (1356, 2040)
    """

    def __init__(
        self, folder: str | Path, *, hole: Polarity, sizes: Mapping[str, tuple[int, int]] | None = None
    ) -> None:
        self._hole: Polarity = hole
        self._sizes = dict(sizes) if sizes is not None else None
        self._paths: dict[str, Path] = {}
        if not Path(folder).is_dir():
            raise MaskError(f"mask folder {folder} does not exist or is no folder")
        for path in sorted(Path(folder).iterdir()):
            if path.suffix.lower() not in (*_SUFFIXES, ".jpg", ".jpeg"):
                continue
            if path.stem in self._paths:
                raise MaskError(
                    f"{self._paths[path.stem]} and {path} are both masks for {path.stem!r}: keep one"
                )
            self._paths[path.stem] = path
        if not self._paths:
            raise MaskError(f"mask folder {folder} holds no masks ({', '.join(_SUFFIXES)})")
        if self._sizes is not None:
            without = sorted(set(self._sizes) - set(self._paths))
            surplus = sorted(set(self._paths) - set(self._sizes))
            if without or surplus:
                raise MaskError(
                    f"mask folder {folder}: {len(without)} names have no mask (such as {without[:3]}), "
                    f"{len(surplus)} masks have no name (such as {surplus[:3]})"
                )

    def __getitem__(self, name: str) -> npt.NDArray[np.bool_]:
        """Read the mask of a name; raises KeyError, or what `import_mask` raises."""
        size = self._sizes[name] if self._sizes is not None else None
        return import_mask(self._paths[name], hole=self._hole, size=size)

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)
