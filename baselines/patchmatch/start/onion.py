"""First estimate on the coarsest level, from the boundary of the hole inwards.

A smooth start would select smooth sources, and their mean would keep them: so each layer is copied from
patches that match what is known or filled already.

Source:
    Newson et al., Video Inpainting of Complex Scenes, 2014, section 3.4.
"""

import cv2
import numba
import numpy as np

from _df8k.kernels import kernel
from df8k.baselines.base import Mask
from df8k.baselines.patchmatch.distance import FAR, distance
from df8k.baselines.patchmatch.field import Field, no_field
from df8k.baselines.patchmatch.pyramid import PATCH, Colours, Indices, Level, Plane
from df8k.baselines.patchmatch.random_numbers import below, following, mix, offset
from df8k.baselines.patchmatch.vectors import Line

from .lattice import Lattice

# Sources compared for each patch: of all, near the target, and around the best.
_DRAWS, _NEAR_DRAWS, _REFINEMENTS = 48, 48, 2
_NEAR = 24
# A shift by which the picture repeats itself may differ so much more than the best source, and by so much for
# each pixel that is compared, squared grey levels: what repeats varies.
_PREFERENCE, _SLACK = 4, 1200
_WIDEST = 16
_NEIGHBOURS = 2
_FLOOR = np.float32(192)


def peel(level: Level, seed: int, repeats: Lattice) -> Field:
    """Fill the level layer by layer; each layer's patches are compared where something is known by then.

    Args:
        level: its colours are changed.
        seed: of the sources that are compared.
        repeats: shifts that are preferred to other sources; see `lattice`.

    Returns:
        Field in which every target has a source.
    """
    unknown = level.hole.copy()
    field = no_field(level)
    limits = level.valid.shape[0] - 1, level.valid.shape[1] - 1
    layers = 0
    while unknown.any():
        core = cv2.erode(unknown.view(np.uint8), np.ones((3, 3), np.uint8), borderValue=1).view(np.bool_)
        layer = np.argwhere(unknown & ~core).astype(np.int32)
        anchors = np.unique(np.clip(layer - PATCH // 2, 0, limits).astype(np.int32), axis=0)
        _compare(level, unknown, anchors, field, seed + layers, repeats)
        _fill(level.colours, level.confidence, layer, field)
        unknown = core
        layers += 1
    rest = level.targets[field[level.targets[:, 0], level.targets[:, 1], 2] < 0]
    _compare(level, unknown, rest, field, seed + layers, repeats)
    return field


def _compare(
    level: Level, unknown: Mask, anchors: Indices, field: Field, seed: int, repeats: Lattice
) -> None:
    known = np.repeat((~unknown).view(np.uint8), 4, axis=1).reshape(-1)
    _search(
        level.colours.reshape(-1),
        known,
        level.valid,
        level.sources,
        np.ascontiguousarray(anchors),
        field.copy(),
        field,
        repeats,
        mix(np.uint32(seed)),
        level.colours.shape[1] * 4,
    )


@kernel
def _search(
    lines: Line,
    known: Line,
    valid: Mask,
    sources: Indices,
    anchors: Indices,
    before: Field,
    field: Field,
    repeats: Lattice,
    key: np.uint32,
    stride: int,
) -> None:
    rows, columns = valid.shape
    for n in numba.prange(anchors.shape[0]):
        y, x = np.int64(anchors[n, 0]), np.int64(anchors[n, 1])
        here = y * stride + 4 * x
        state = mix(np.uint32(key ^ mix(np.uint32(y * columns + x))))
        k = below(state, sources.shape[0])
        by, bx = np.int64(sources[k, 0]), np.int64(sources[k, 1])
        best = distance(lines, known, stride, here, by * stride + 4 * bx, FAR)
        neighbours = (2 * _NEIGHBOURS + 1) ** 2
        reach, refinements = _WIDEST, _REFINEMENTS
        draw = 0
        while refinements:
            state = following(state)
            if draw < _DRAWS:
                k = below(state, sources.shape[0])
                sy, sx = np.int64(sources[k, 0]), np.int64(sources[k, 1])
            elif draw < _DRAWS + _NEAR_DRAWS:
                sy = y + offset(state & np.uint32(0xFFFF), _NEAR)
                sx = x + offset(state >> np.uint32(16), _NEAR)
            elif draw < _DRAWS + _NEAR_DRAWS + neighbours:
                m = draw - _DRAWS - _NEAR_DRAWS
                ny = y + m // (2 * _NEIGHBOURS + 1) - _NEIGHBOURS
                nx = x + m % (2 * _NEIGHBOURS + 1) - _NEIGHBOURS
                sy = sx = np.int64(-1)
                if 0 <= ny < rows and 0 <= nx < columns and before[ny, nx, 2] >= 0:
                    sy, sx = np.int64(before[ny, nx, 0]) + y - ny, np.int64(before[ny, nx, 1]) + x - nx
            else:
                sy = by + offset(state & np.uint32(0xFFFF), reach)
                sx = bx + offset(state >> np.uint32(16), reach)
                reach //= 2
                if reach == 0:
                    reach, refinements = _WIDEST, refinements - 1
            draw += 1
            if sy < 0 or sx < 0 or sy >= rows or sx >= columns or not valid[sy, sx]:
                continue
            cost = distance(lines, known, stride, here, sy * stride + 4 * sx, best)
            if cost < best:
                best, by, bx = cost, sy, sx
        seen = 0
        for j in range(PATCH):
            for i in range(PATCH):
                seen += known[here + j * stride + 4 * i]
        limit = np.int32(min(int(best) * _PREFERENCE + int(seen) * _SLACK, int(FAR)))
        for m in range(repeats.shape[0]):
            sy, sx = y + np.int64(repeats[m, 0]), x + np.int64(repeats[m, 1])
            if sy < 0 or sx < 0 or sy >= rows or sx >= columns or not valid[sy, sx]:
                continue
            cost = distance(lines, known, stride, here, sy * stride + 4 * sx, limit)
            if cost < limit:
                best, limit, by, bx = cost, cost, sy, sx
        field[y, x, 0], field[y, x, 1] = by, bx
        field[y, x, 2] = np.int64(best) * PATCH * PATCH // max(seen, 1)


@kernel
def _fill(colours: Colours, confidence: Plane, layer: Indices, field: Field) -> None:
    rows, columns = confidence.shape
    for n in numba.prange(layer.shape[0]):
        y, x = layer[n, 0], layer[n, 1]
        total = np.zeros(4, np.float32)
        weight = np.float32(0)
        for ay in range(max(y - PATCH + 1, 0), min(y + 1, rows)):
            for ax in range(max(x - PATCH + 1, 0), min(x + 1, columns)):
                if field[ay, ax, 2] < 0:
                    continue
                scale = np.float32(1) / (np.float32(field[ay, ax, 2]) + _FLOOR)
                w = confidence[ay, ax] * scale * scale
                sy, sx = field[ay, ax, 0] + y - ay, field[ay, ax, 1] + x - ax
                for c in range(4):
                    total[c] += w * np.float32(colours[sy, sx, c])
                weight += w
        for c in range(4):
            colours[y, x, c] = np.uint8(total[c] / weight + np.float32(0.5))
