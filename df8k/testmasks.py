"""The fixed masks of the test split."""

from dataclasses import dataclass
from pathlib import Path

import masks
from _df8k.files import write_bytes

from .errors import BuildError


@dataclass(frozen=True, kw_only=True)
class MaskTask:
    """Which mask to make, and where to store it."""

    image_id: str
    width: int
    height: int
    preset: str
    version: str
    path: Path


@dataclass(frozen=True, kw_only=True)
class TestMask:
    """Stored mask: its vector, the vector's hash, and the fraction of missing pixels at native size."""

    __test__ = False  # the name is not a test for pytest to collect

    image_id: str
    json: str
    sha256: str
    coverage: float


def mask_key(version: str, image_id: str) -> str:
    """Make the key that a test mask is drawn from: dataset version and image, nothing else."""
    return f"{version}|{image_id}"


def make_test_mask(task: MaskTask) -> TestMask:
    """Draw, rasterise and store the mask of one image.

    Raises:
        BuildError: the image is so small that whole pixels cannot keep the preset's promised coverage.
        masks.MaskError: no drawing met the preset's rules.
    """
    vector = masks.synthesize(
        aspect=(task.width, task.height), preset=task.preset, key=mask_key(task.version, task.image_id)
    )
    low, high = masks.find_preset(task.preset).rules.band
    pixels, missing = task.width * task.height, vector.area(task.width, task.height)
    if not low * pixels <= 1000 * missing <= high * pixels:
        raise BuildError(
            f"the mask of {task.image_id} covers {missing / pixels:.4f} of {task.width} x {task.height} "
            f"pixels, the preset {task.preset} promises {low / 1000} to {high / 1000}: raise min_side"
        )
    raster = vector.rasterize(task.width, task.height)
    write_bytes(task.path, masks.encode_png(raster))
    return TestMask(
        image_id=task.image_id, json=vector.json, sha256=vector.sha256, coverage=float(raster.mean())
    )
