"""Measures of masks and of sets of masks, as a dataset card reports them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .catalogue import find_preset
from .errors import MaskError
from .files import checked_mask
from .raster.lattice import Frame, reduced
from .synthesis import attempts

HEAT_CELLS: Final = 64
HISTOGRAM_BINS: Final = 50
# The bins of Liu et al. 2018, with what lies below and above them.
COVERAGE_BINS: Final = (0.0, 0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 1.0)
_TINY: Final = 1e-4


@dataclass(frozen=True)
class MaskStatistics:
    """Measures of one mask; lengths are in units of the short side.

    Attributes:
        coverage: missing fraction of the pixels.
        components: connected holes, diagonal neighbours included.
        largest_share: fraction of the missing pixels that the largest hole has.
        tiny: holes smaller than 1/10,000 of the frame.
        depth_max: largest distance from a missing pixel to the nearest known one.
        depth_mean: mean of that distance over the missing pixels.
        perimeter: sides of pixels between a missing and a known one.
        sides_touched: number of the frame's four sides that a hole reaches.
        border_share: missing fraction of the outermost pixels.
        known_parts: connected known regions; all but one are enclosed by holes or the frame.
        clean_8, mixed_8, full_8: fractions of 1/64 patches (8 pixels of 512) not, partly and wholly missing.
        clean_16, mixed_16, full_16: the same for 1/32 patches.
    """

    coverage: float
    components: int
    largest_share: float
    tiny: int
    depth_max: float
    depth_mean: float
    perimeter: float
    sides_touched: int
    border_share: float
    known_parts: int
    clean_8: float
    mixed_8: float
    full_8: float
    clean_16: float
    mixed_16: float
    full_16: float


def describe(mask: npt.NDArray[np.bool_]) -> MaskStatistics:
    """Measure one mask.

    Args:
        mask: bool ``(H, W)``, True = missing; best drawn with a short side of 512.

    Raises:
        MaskError: not a mask.
    """
    import cv2

    mask = checked_mask(mask)
    height, width = mask.shape
    short = min(height, width)
    missing = int(mask.sum())
    bytes_ = mask.astype(np.uint8)
    holes, _, stats, _ = cv2.connectedComponentsWithStats(bytes_, connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    known_parts = cv2.connectedComponents(1 - bytes_, connectivity=4)[0] - 1
    depth = np.zeros(1)
    if missing and missing < mask.size:
        depth = cv2.distanceTransform(bytes_, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[mask]
    edges = np.count_nonzero(mask[1:] != mask[:-1]) + np.count_nonzero(mask[:, 1:] != mask[:, :-1])
    sides = (mask[0], mask[-1], mask[:, 0], mask[:, -1])
    frame = np.ones_like(mask)
    frame[1:-1, 1:-1] = False
    return MaskStatistics(
        coverage=missing / mask.size,
        components=int(holes) - 1,
        largest_share=float(areas.max()) / missing if missing else 0.0,
        tiny=int((areas < _TINY * mask.size).sum()),
        depth_max=float(depth.max()) / short,
        depth_mean=float(depth.mean()) / short,
        perimeter=float(edges) / short,
        sides_touched=sum(bool(side.any()) for side in sides),
        border_share=float(mask[frame].mean()),
        known_parts=int(known_parts),
        **_patches(mask, max(1, short // 64), "8"),
        **_patches(mask, max(1, short // 32), "16"),
    )


def _patches(mask: npt.NDArray[np.bool_], side: int, name: str) -> dict[str, float]:
    rows, columns = mask.shape[0] // side, mask.shape[1] // side
    cells = mask[: rows * side, : columns * side].reshape(rows, side, columns, side)
    touched, full = cells.any(axis=(1, 3)).mean(), cells.all(axis=(1, 3)).mean()
    return {
        f"clean_{name}": float(1 - touched),
        f"mixed_{name}": float(touched - full),
        f"full_{name}": float(full),
    }


def summarize(masks: Iterable[npt.NDArray[np.bool_]]) -> dict[str, Any]:
    """Measure a set of masks.

    Args:
        masks: bool ``(H, W)`` each, True = missing; sizes may differ. They are taken one at a time.

    Returns:
        A JSON-ready mapping: ``n``; ``measures``, each of `MaskStatistics` with mean, sd, min, p5,
        p50, p95 and max; ``coverage_bins``, the fraction of masks in each bin of ``COVERAGE_BINS``;
        ``coverage_histogram``, the same for 50 equal bins; ``sides_touched_shares``, the fraction of masks
        that touch 0 to 4 sides; ``mean_mask``, 64 x 64 means over the stretched frames.

    Raises:
        MaskError: there is none, or one is not a mask.
    """
    rows: list[MaskStatistics] = []
    heat = np.zeros((HEAT_CELLS, HEAT_CELLS))
    for mask in masks:
        rows.append(describe(mask))
        heat += _heat(mask)
    if not rows:
        raise MaskError("there are no masks to measure")
    coverage = [row.coverage for row in rows]
    count = len(rows)
    bins, _ = np.histogram(coverage, COVERAGE_BINS)
    histogram, _ = np.histogram(coverage, HISTOGRAM_BINS, (0, 1))
    touched = Counter(row.sides_touched for row in rows)
    return {
        "n": len(rows),
        "measures": {
            field.name: _distribution([getattr(row, field.name) for row in rows])
            for field in fields(MaskStatistics)
        },
        "coverage_bins": [
            {"from": low, "to": high, "share": int(number) / count}
            for low, high, number in zip(COVERAGE_BINS[:-1], COVERAGE_BINS[1:], bins, strict=True)
        ],
        "coverage_histogram": [int(number) / count for number in histogram],
        "sides_touched_shares": [touched[sides] / count for sides in range(5)],
        "mean_mask": (heat / count).round(6).tolist(),
    }


def _distribution(values: Sequence[float]) -> dict[str, float]:
    array = np.asarray(values, float)
    low, middle, high = np.quantile(array, (0.05, 0.5, 0.95))
    named = {
        "mean": array.mean(),
        "sd": array.std(ddof=1) if len(array) > 1 else 0.0,
        "min": array.min(),
        "p5": low,
        "p50": middle,
        "p95": high,
        "max": array.max(),
    }
    return {name: float(value) for name, value in named.items()}


def _heat(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    rows = np.linspace(0, mask.shape[0], HEAT_CELLS, endpoint=False).astype(int)
    columns = np.linspace(0, mask.shape[1], HEAT_CELLS, endpoint=False).astype(int)
    total = np.add.reduceat(np.add.reduceat(mask, rows, axis=0, dtype=float), columns, axis=1)
    # On a mask of fewer pixels than cells a cell shows one pixel.
    tall, wide = (
        np.maximum(np.diff([*starts, size]), 1)
        for starts, size in zip((rows, columns), mask.shape, strict=True)
    )
    means: npt.NDArray[np.float64] = total / np.outer(tall, wide)
    return means


def preset_statistics(
    preset: str,
    *,
    count: int = 500,
    size: int = 512,
    aspect: tuple[int, int] = (1, 1),
    key: str = "statistics",
) -> dict[str, Any]:
    """Measure masks of a preset.

    Args:
        preset: its name.
        count: number of masks, with keys ``key-0``, ``key-1`` and so on.
        size: short side in pixels that they are drawn at.
        aspect: of the frame.
        key: start of the keys.

    Returns:
        Result of `summarize`, with ``preset``, ``size`` (width, height), ``families`` (fraction of
        each kind of drawing), ``primitives`` (distribution of their number), ``attempts`` (drawings a mask,
        the fraction of masks that passed at once, and the refusals by rule) and ``root_sha256`` over
        the masks' sorted hashes.

    Raises:
        MaskError: unknown preset, malformed aspect, or a mask could not be made.
    """
    frame, entry = Frame(reduced(aspect)), find_preset(preset)
    made = [attempts(frame, entry, f"{key}-{index}") for index in range(count)]
    width, height = frame.size_at(size)
    refused: Counter[str] = Counter()
    for _, reasons in made:
        refused.update(reasons)
    vectors = [vector for vector, _ in made]
    families = Counter(str(vector.origin["family"]) for vector in vectors)
    hashes = sorted(vector.sha256 for vector in vectors)
    return {
        "preset": entry.full_name,
        "size": [width, height],
        **summarize(vector.rasterize(width, height) for vector in vectors),
        "families": {family: number / count for family, number in sorted(families.items())},
        "primitives": _distribution([len(vector.primitives) for vector in vectors]),
        "attempts": {
            "mean": 1 + refused.total() / count,
            "passed_at_once": sum(not reasons for _, reasons in made) / count,
            "refused_by": dict(sorted(refused.items())),
        },
        "root_sha256": sha256("\n".join(hashes).encode()).hexdigest(),
    }
