"""Make the masks of a test image when a dataset is built."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from _df8k.files import write_bytes
from df8k import masks
from df8k.errors import BuildError

from .frames import STORED, Aspect, centre_crop, frame_name
from .vectors import frame_mask, masks_sha256

_VARIANTS: Final = 16


@dataclass(frozen=True, kw_only=True)
class MaskTask:
    """Which masks to make, and where to store that of the whole image, unless an earlier run did."""

    image_id: str
    width: int
    height: int
    preset: str
    version: str
    path: Path
    stored: bool = False


@dataclass(frozen=True, kw_only=True)
class MaskRecord:
    """One mask: its vector, the vector's hash, and how many of the image's own pixels are missing."""

    json: str
    sha256: str
    missing: int
    pixels: int

    @property
    def coverage(self) -> float:
        """Fraction of the pixels that are missing."""
        return self.missing / self.pixels

    def columns(self, prefix: str) -> dict[str, Any]:
        """Write the columns of metadata that begin with a prefix."""
        return {
            f"{prefix}_coverage": self.coverage,
            f"{prefix}_sha256": self.sha256,
            f"{prefix}_json": self.json,
        }


@dataclass(frozen=True, kw_only=True)
class TestMask:
    """Masks of one image: of the whole of it, and of the frames of `frames.STORED`."""

    __test__ = False  # the name is not a test for pytest to collect

    image_id: str
    whole: MaskRecord
    frames: Mapping[Aspect, MaskRecord]

    def columns(self) -> dict[str, Any]:
        """Write the columns of metadata."""
        row = self.whole.columns("mask")
        for aspect, record in self.frames.items():
            row |= record.columns(f"mask_{frame_name(aspect)}")
        return row

    @property
    def sha256(self) -> str:
        """Hash all of them, for the fingerprint."""
        return masks_sha256(self.columns())


def mask_key(version: str, image_id: str) -> str:
    """Make the key that a test mask is drawn from: dataset version and image, nothing else."""
    return f"{version}|{image_id}"


def make_test_mask(task: MaskTask) -> TestMask:
    """Draw the masks of one image; rasterise and store that of the whole image.

    Presets promise their coverage from a short side of 256 px on. A smaller image is drawn again until the
    whole pixels that it has keep it.

    Raises:
        BuildError: no drawing kept the preset's promised coverage.
        masks.MaskError: no drawing met the preset's rules.
    """
    image, key = (task.width, task.height), mask_key(task.version, task.image_id)
    preset = masks.find_preset(task.preset)
    crops: dict[Aspect, Aspect] = {}
    for aspect in STORED:
        _, _, *crop = centre_crop(*image, *aspect)
        crops[aspect] = crop[0], crop[1]
    for variant in range(_VARIANTS):
        whole = masks.synthesize(aspect=image, preset=task.preset, key=key, variant=variant)
        frames = {aspect: _record(frame_mask(whole, aspect), crop) for aspect, crop in crops.items()}
        made = TestMask(image_id=task.image_id, whole=_record(whole, image), frames=frames)
        if all(preset.declares(record.missing, record.pixels) for record in (made.whole, *frames.values())):
            if not task.stored:
                write_bytes(task.path, masks.encode_png(whole.rasterize(*image)))
            return made
    low, high = preset.band
    raise BuildError(
        f"no mask of {task.image_id} covers {low} to {high} of its {image[0]} x {image[1]} pixels and of "
        f"each frame, as the preset {task.preset} promises, in {_VARIANTS} drawings: raise min_side"
    )


def _record(vector: masks.VectorMask, size: tuple[int, int]) -> MaskRecord:
    return MaskRecord(
        json=vector.json, sha256=vector.sha256, missing=vector.area(*size), pixels=size[0] * size[1]
    )
