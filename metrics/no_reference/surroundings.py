"""Distance of the fill from what surrounds the hole: colour and gradients of small windows."""

from math import inf

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from df8k.metrics.halving import halve, halve_mask_rounding_up
from df8k.metrics.pair import Mask, Pair, in_strips
from df8k.metrics.regions import Undefined, Value
from df8k.metrics.spec import MetricSpec

METRICS = (
    MetricSpec(
        name="surroundings",
        variant="surroundings-rgb-v1",
        summary="distance of windows of the fill from the most alike of the known windows nearest to them",
        source="this suite, docs/metrics.md; after the sliding windows of RC-S (PROVE, arXiv 2605.14534)",
        kind="no-reference",
        higher_is_better=False,
        range=(0.0, inf),
        regions=("hole", "boundary"),
        target="df8k.metrics.no_reference.surroundings:surroundings",
    ),
)
CELL_PX = 8
LEVELS = 3
NEIGHBOURS = 256
QUERIES = 4096
_COLOUR_LEVELS = 24.0  # difference of colour that counts as much as a gradient twice as strong
_ROWS = 16

Rows = npt.NDArray[np.float32]


def surroundings(pair: Pair) -> dict[str, Value]:
    """Compare windows of the fill with known windows nearby.

    A window spans 2 x 2 cells of 8 x 8 pixels. It is described by its mean colour and, in four directions,
    the logarithm of its mean absolute gradient. Its distance is that to the most alike of the 256 known
    windows that lie nearest. The same is done on the picture at a half and a quarter of its size.

    Args:
        pair: its prediction and mask; the original is not looked at.

    Returns:
        ``hole``: mean over windows that are filled throughout; ``boundary``: over those that are in part.
        0 where each window has an equal nearby; 1 is a difference of 24 grey levels, or of a factor of two in
        the gradients of one direction.
    """
    means: dict[str, list[float]] = {"hole": [], "boundary": []}
    pixels: npt.NDArray[np.uint8] | npt.NDArray[np.uint16] = pair.prediction
    mask = pair.mask
    for level in range(LEVELS):
        if level:
            pixels = halve(pixels)
            mask = halve_mask_rounding_up(mask)[: pixels.shape[0], : pixels.shape[1]]
        if min(mask.shape) < 2 * CELL_PX + 1:
            break
        described, missing = _windows(pixels, mask, 4.0**level)
        known = np.argwhere(missing == 0)
        if not len(known):
            break
        for region, chosen in (("hole", missing == 1), ("boundary", (missing > 0) & (missing < 1))):
            places = _spread(np.argwhere(chosen))
            if len(places):
                means[region].append(_mean_distance(described, places, known))
    reason = {
        "hole": "no window of 16 x 16 pixels is filled throughout beside one that is known",
        "boundary": "no window of 16 x 16 pixels is filled in part beside one that is known",
    }
    return {
        region: float(np.mean(values)) if values else Undefined(reason[region])
        for region, values in means.items()
    }


def _windows(
    pixels: npt.NDArray[np.uint8] | npt.NDArray[np.uint16], mask: Mask, scale: float
) -> tuple[Rows, npt.NDArray[np.float32]]:
    """Describe every window of 2 x 2 cells: float32 ``(rows, columns, 7)``, and the part that is missing."""
    rows, columns = (mask.shape[0] - 1) // CELL_PX, (mask.shape[1] - 1) // CELL_PX

    def work(first: int, last: int) -> tuple[Rows, Rows]:
        top, below, right = first * CELL_PX, last * CELL_PX, columns * CELL_PX
        strip = pixels[top : below + 1, : right + 1].astype(np.float32) / np.float32(scale)
        grey = strip.mean(axis=2)
        here = grey[:-1, :-1]
        steps = (
            grey[:-1, 1:] - here,
            grey[1:, :-1] - here,
            grey[1:, 1:] - here,
            grey[1:, :-1] - grey[:-1, 1:],
        )
        planes = [strip[:-1, :-1, channel] for channel in range(3)] + [np.abs(step) for step in steps]
        cells = np.stack([_cells(plane) for plane in planes], axis=2)
        return cells, _cells(mask[top:below, :right].astype(np.float32))

    strips = in_strips(work, rows, _ROWS)
    described = _quads(np.concatenate([cells for cells, _ in strips]))
    described[..., :3] /= _COLOUR_LEVELS
    described[..., 3:] = np.log2(1 + described[..., 3:])
    return described, _quads(np.concatenate([part for _, part in strips]))


def _cells(plane: Rows) -> Rows:
    rows, columns = plane.shape[0] // CELL_PX, plane.shape[1] // CELL_PX
    cells: Rows = plane.reshape(rows, CELL_PX, columns, CELL_PX).mean(axis=(1, 3))
    return cells


def _quads(cells: Rows) -> Rows:
    return (cells[:-1, :-1] + cells[1:, :-1] + cells[:-1, 1:] + cells[1:, 1:]) * np.float32(0.25)


def _spread(places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Keep at most `QUERIES` places, evenly."""
    step = -(-len(places) // QUERIES) if len(places) else 1
    return places[step // 2 :: step]


def _mean_distance(described: Rows, places: npt.NDArray[np.int64], known: npt.NDArray[np.int64]) -> float:
    count = min(NEIGHBOURS, len(known))
    near = cKDTree(known).query(places, k=[*range(1, count + 1)])[1]
    queries = described[places[:, 0], places[:, 1]]
    sources = described[known[:, 0], known[:, 1]]
    total = 0.0
    for first in range(0, len(places), 512):
        difference = sources[near[first : first + 512]] - queries[first : first + 512, None]
        total += float(np.sqrt((difference**2).sum(axis=2).min(axis=1)).sum(dtype=np.float64))
    return total / len(places)
