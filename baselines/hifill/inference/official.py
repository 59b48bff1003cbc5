"""The two public inference pipelines, step by step, for comparison with published results.

``demo`` is the authors' OpenCV script around the frozen graph, ``graph`` the test script of the training
code. Both squash the picture to a square of 512 s pixels, average what stands under the hole into its border,
and blend the result back with a blurred mask. They therefore read the original under the mask: scores of a
picture that still holds it are flattered, and known pixels near the hole change.

The demo takes its paste mask from the frozen graph, where a 7 x 7 kernel made it; that graph is not public as
code, so the kernel here is the one of the training code (Gaussian, sigma 1, zero outside the picture).
"""

from typing import Final, Literal, TypeVar

import cv2
import numpy as np
import torch

from df8k.baselines.base import Image, Mask
from df8k.baselines.hifill.network.geometry import GRID, SIZE

from .grid import Floats
from .prediction import Prediction, Runner

Variant = Literal["demo", "graph"]
_Array = TypeVar("_Array", Floats, Mask)

_BLUR: Final = (7, 1.0)


def official_scale(image: Image) -> int:
    """Find the least s for which 512 s pixels reach the longer side; neither pipeline has such a rule."""
    longer: int = max(image.shape[:2])
    return max(1, -(-longer // SIZE))


def fill_official(image: Image, mask: Mask, network: Runner, variant: Variant, scale: int) -> Image:
    """Fill a picture as a public pipeline does.

    Args:
        image: uint8 ``(H, W, 3)``, RGB.
        mask: bool ``(H, W)``, True = missing.
        network: HiFill's generator.
        variant: which pipeline.
        scale: s; the picture is resampled to 512 s pixels square.

    Returns:
        uint8 ``(H, W, 3)``; changed outside the mask too.
    """
    run = _run_demo if variant == "demo" else _run_graph
    return run(image.astype(np.float32), mask, network, scale)


def _run_demo(raw: Floats, mask: Mask, network: Runner, scale: int) -> Image:
    height, width = mask.shape
    side = SIZE * scale
    known = (~mask).astype(np.float32)
    large = _opencv(raw, side, side)
    kept = cv2.resize(known, (side, side), interpolation=cv2.INTER_NEAREST)
    small_mask = cv2.resize(known, (SIZE, SIZE), interpolation=cv2.INTER_NEAREST) == 0
    small = _block_mean(large, scale)
    prediction = network(small, small_mask)
    blurred = _blur(small_mask)
    residual = (large - _opencv(small, side, side)) * kept[..., None]
    result = _opencv(prediction.filled, side, side) + _spread(residual, prediction, blurred)
    result = _opencv(result.clip(0, 255), height, width)
    paste = _opencv(blurred, height, width)[..., None]
    return (result * paste + raw * (1 - paste)).astype(np.uint8)


def _run_graph(raw: Floats, mask: Mask, network: Runner, scale: int) -> Image:
    height, width = mask.shape
    side = SIZE * scale
    large = _nearest(raw, side, side)
    small_mask = _nearest(mask, SIZE, SIZE)
    small = _block_mean(large, scale)
    prediction = network(small, small_mask)
    blurred = _blur(small_mask)
    kept = ~small_mask.repeat(scale, 0).repeat(scale, 1)
    residual = (large - _bilinear(small, side, side)) * kept[..., None]
    result = _bilinear(prediction.filled, side, side) + _spread(residual, prediction, blurred)
    result = _bilinear(result.clip(0, 255), height, width)
    paste = _bilinear(blurred, height, width)[..., None]
    return (result * paste + raw * (1 - paste)).clip(0, 255).astype(np.uint8)


def _spread(residual: Floats, prediction: Prediction, paste: Floats) -> Floats:
    """Residual of every cell that the paste mask shows, mixed from the others; zero elsewhere."""
    cell = residual.shape[0] // GRID
    patches = residual.reshape(GRID, cell, GRID, cell, 3).transpose(0, 2, 1, 3, 4).reshape(GRID * GRID, -1)
    pasted = paste.reshape(GRID, -1, GRID, SIZE // GRID).max(axis=(1, 3))
    # One ring more: resampling to the picture's own size reads across the borders of cells.
    queries = np.flatnonzero(cv2.dilate((pasted > 0).astype(np.uint8), np.ones((3, 3), np.uint8)))
    spread = np.zeros_like(patches)
    attention = torch.as_tensor(prediction.attention)
    weights = attention[torch.from_numpy(queries).to(attention.device)].cpu()
    spread[queries] = (weights @ torch.from_numpy(patches)).numpy()
    return spread.reshape(GRID, GRID, cell, cell, 3).transpose(0, 2, 1, 3, 4).reshape(residual.shape)


def _block_mean(large: Floats, scale: int) -> Floats:
    return np.asarray(large.reshape(SIZE, scale, SIZE, scale, 3).mean(axis=(1, 3)), np.float32)


def _blur(mask: Mask) -> Floats:
    kernel = cv2.getGaussianKernel(*_BLUR, ktype=cv2.CV_32F)
    blurred = cv2.sepFilter2D(mask.astype(np.float32), -1, kernel, kernel, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(blurred, np.float32)


def _opencv(array: Floats, height: int, width: int) -> Floats:
    return np.asarray(cv2.resize(array, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _coordinates(size: int, length: int) -> Floats:
    """Source coordinates of TensorFlow 1's resizing, in its single precision."""
    return np.arange(length, dtype=np.float32) * (np.float32(size) / np.float32(length))


def _nearest(array: _Array, height: int, width: int) -> _Array:
    rows = np.minimum(_coordinates(array.shape[0], height).astype(np.intp), array.shape[0] - 1)
    columns = np.minimum(_coordinates(array.shape[1], width).astype(np.intp), array.shape[1] - 1)
    nearest: _Array = array[rows[:, None], columns]
    return nearest


def _bilinear(array: Floats, height: int, width: int) -> Floats:
    for axis, length in ((1, width), (0, height)):
        centre = _coordinates(array.shape[axis], length)
        lower = np.floor(centre).astype(np.intp)
        upper = np.minimum(lower + 1, array.shape[axis] - 1)
        fraction = np.expand_dims(centre - lower, tuple(i for i in range(array.ndim) if i != axis))
        low = array.take(lower, axis)
        array = low + (array.take(upper, axis) - low) * fraction.astype(np.float32)
    return array
