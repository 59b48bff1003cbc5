"""Pictures of what aggregation does: which cells feed a hole cell, and the residual before and after.

``python -m df8k.baselines.hifill.visualize FOLDER [WEIGHTS]`` draws the documentation's figures.
"""

import sys
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import torch

from df8k.baselines.base import Image, Mask

from .inference.aggregation import aggregate
from .inference.grid import Floats, Grid, reduce_picture
from .inference.prediction import Runner
from .inference.runner import GeneratorRunner
from .network.generator import Generator
from .network.geometry import GRID
from .weights import initialise, load_weights

_COLOURS: Final = ((230, 60, 40), (40, 130, 230), (240, 180, 0))
_NEUTRAL = 128


def attention_picture(image: Image, mask: Mask, network: Runner, cells: list[tuple[int, int]]) -> Image:
    """Mark hole cells and, in the same colour, the cells that they are made of.

    Args:
        image: uint8 ``(H, W, 3)``, RGB.
        mask: bool ``(H, W)``, True = missing.
        network: HiFill's generator.
        cells: row and column of each cell to mark, at most three.

    Returns:
        uint8 ``(H, W, 3)``: the picture in grey; a key's colour is the stronger the more of it is taken.
    """
    grid = Grid(*mask.shape)
    reduced = reduce_picture(image, mask, grid)
    attention = network(reduced.image, reduced.mask).weights()
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    canvas = np.repeat(128 + 0.4 * (grey[..., None] - 128), 3, axis=2)
    canvas[mask] = 255
    for (row, column), colour in zip(cells, _COLOURS, strict=False):
        weights = attention[row * GRID + column].reshape(GRID, GRID)
        opacity = (weights / max(weights.max(), 1e-12)) ** 0.5
        whole = opacity.repeat(grid.cell[0], 0).repeat(grid.cell[1], 1)[: grid.height, : grid.width, None]
        canvas += whole * (np.array(colour, np.float32) - canvas)
    output = canvas.clip(0, 255).astype(np.uint8)
    for (row, column), colour in zip(cells, _COLOURS, strict=False):
        top, left = row * grid.cell[0], column * grid.cell[1]
        corner = (left + grid.cell[1] - 1, top + grid.cell[0] - 1)
        cv2.rectangle(output, (left, top), corner, colour, max(2, grid.cell[0] // 8))
    return output


def residual_pictures(image: Image, mask: Mask, network: Runner) -> tuple[Image, Image]:
    """Draw the residual of the known picture and what attention makes of it in the hole.

    Args:
        image: uint8 ``(H, W, 3)``, RGB.
        mask: bool ``(H, W)``, True = missing.
        network: HiFill's generator.

    Returns:
        Two uint8 ``(H, W, 3)`` pictures around grey 128, contrast quadrupled: the residual of the cells that
        may be copied, and the same with the aggregated residual in the hole.
    """
    grid = Grid(*mask.shape)
    reduced = reduce_picture(image, mask, grid)
    prediction = network(reduced.image, reduced.mask)
    size = (GRID * grid.cell[1], GRID * grid.cell[0])
    low = cv2.resize(reduced.image, size, interpolation=cv2.INTER_LINEAR)[: grid.height, : grid.width]
    # Next to the hole the small picture is incomplete; the residual is taken where copying is allowed.
    valid = prediction.valid.reshape(GRID, GRID).repeat(grid.cell[0], 0).repeat(grid.cell[1], 1)
    known = valid[: grid.height, : grid.width, None]
    before = np.where(known, image - low, 0)
    after = before.copy()
    queries, keys = np.flatnonzero(reduced.hole_cells), np.flatnonzero(prediction.valid)
    level = np.full_like(reduced.image, _NEUTRAL)
    filled = image.copy()
    attention = prediction.attention[torch.from_numpy(queries)][:, torch.from_numpy(keys)]
    with torch.inference_mode():
        aggregate(filled, mask, reduced.image, level, attention, queries, keys)
    after[mask] = filled[mask].astype(np.float32) - _NEUTRAL
    return _around_grey(before), _around_grey(after)


def _around_grey(residual: Floats) -> Image:
    return (_NEUTRAL + 4 * residual).clip(0, 255).astype(np.uint8)


def _scene(side: int) -> tuple[Image, Mask]:
    """Four textures under a soft light, with a hole across them."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    random = np.random.default_rng(3)
    noise = cv2.GaussianBlur(random.normal(0, 1, (side, side)).astype(np.float32), (0, 0), 2)
    stripes = np.sin(2 * np.pi * (60 * x + 18 * y))
    bricks = np.maximum(
        np.abs(((20 * y) % 1) - 0.5) > 0.42, np.abs(((10 * x + 0.5 * (20 * y // 1)) % 1) - 0.5) > 0.46
    )
    checks = np.sign(np.sin(2 * np.pi * 24 * x) * np.sin(2 * np.pi * 24 * y))
    top, bottom = np.where(x < 0.5, stripes, 2.0 * bricks - 1), np.where(x < 0.5, noise * 4, checks)
    texture = np.where(y < 0.5 + 0.05 * np.sin(6 * x), top, bottom)[..., None]
    light = np.stack([120 + 90 * x, 110 + 60 * y, 150 - 70 * x * y], axis=-1)
    image = (light + texture * np.array([30, 34, 26], np.float32)).clip(0, 255).astype(np.uint8)
    mask = np.zeros((side, side), np.uint8)
    line = (np.array([[0.2, 0.3], [0.45, 0.52], [0.62, 0.35], [0.8, 0.7]]) * side).astype(np.int32)
    cv2.polylines(mask, [line], isClosed=False, color=1, thickness=side // 10)
    return image, mask > 0


def _lively(generator: Generator) -> Generator:
    """Random weights that keep the size of features, so that attention is not uniform."""
    initialise(generator)
    with torch.no_grad():
        for parameter in generator.parameters():
            if parameter.ndim == 4:
                parameter.mul_(1.5 / (parameter.std() * parameter[0].numel() ** 0.5))
    return generator


def draw_figures(folder: Path, weights: Path | None) -> None:
    """Draw the figures of ``docs/hifill.md``."""
    generator = _lively(Generator()) if weights is None else load_weights(weights).generator
    network = GeneratorRunner(generator, "cpu")
    image, mask = _scene(1024)
    masked = np.where(mask[..., None], np.uint8(255), image)
    attended = attention_picture(image, mask, network, [(12, 9), (15, 16), (19, 24)])
    before, after = residual_pictures(image, mask, network)
    detail = np.s_[200:600, 400:800]  # residuals vanish when they are drawn smaller
    small = [cv2.resize(panel, (400, 400), interpolation=cv2.INTER_AREA) for panel in (masked, attended)]
    _write(folder / "hifill-attention.png", *small)
    _write(folder / "hifill-residual.png", masked[detail], before[detail], after[detail])


def _write(path: Path, *panels: Image) -> None:
    gap = np.full((len(panels[0]), 12, 3), 255, np.uint8)
    row = [piece for panel in panels for piece in (panel, gap)][:-1]
    cv2.imwrite(str(path), np.concatenate(row, axis=1)[:, :, ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    draw_figures(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
