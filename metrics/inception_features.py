"""Inception features of images and of patches, by the named ways of bringing them to 299 x 299."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image as PILImage
from torch import Tensor

from .estimate import Rows
from .hole_points import hole_points
from .networks.inception import SIZE, network
from .pair import Image, Pair, threads

PATCHES = 8
Floats = npt.NDArray[np.float32]


def resize_clean(image: Image) -> Floats:
    """Resize as clean-fid does: each channel as floats by Pillow's antialiased bicubic filter, clipped.

    Returns:
        float32 ``(299, 299, 3)``, 0 to 255, not rounded.
    """
    channels = []
    for channel in range(3):
        plane = PILImage.fromarray(image[:, :, channel].astype(np.float32))
        channels.append(np.asarray(plane.resize((SIZE, SIZE), PILImage.Resampling.BICUBIC)))
    resized: Floats = np.stack(channels, axis=2).clip(0, 255)
    return resized


def resize_pytorch(image: Image) -> Floats:
    """Resize as pytorch-fid does: bilinear between four pixels, without antialiasing, corners not aligned.

    Only the pixels that enter are touched, so an 8K image costs no more than a small one.

    Returns:
        float32 ``(299, 299, 3)``, 0 to 255, not rounded.
    """
    (top, bottom, down), (left, right, across) = (_neighbours(length) for length in image.shape[:2])
    upper = _mix(image[top][:, left], image[top][:, right], across[None, :, None])
    lower = _mix(image[bottom][:, left], image[bottom][:, right], across[None, :, None])
    mixed: Floats = _mix(upper, lower, down[:, None, None]).astype(np.float32)
    return mixed


def _neighbours(length: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    at = np.maximum((np.arange(SIZE) + 0.5) * (length / SIZE) - 0.5, 0.0)
    low = np.minimum(at.astype(np.int64), length - 1)
    return low, np.minimum(low + 1, length - 1), at - low


def _mix(
    a: npt.NDArray[Any], b: npt.NDArray[Any], fraction: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    mixed: npt.NDArray[np.float64] = a * (1.0 - fraction) + b * fraction
    return mixed


def _clean_range(images: Tensor) -> Tensor:
    return (images - 128) / 128


def _pytorch_range(images: Tensor) -> Tensor:
    return 2 * (images / 255) - 1


def _features(
    pair: Pair, images: list[Floats], to_range: Callable[[Tensor], Tensor]
) -> tuple[Floats, Floats]:
    """Features of ``(299, 299, 3)`` images, 0 to 255, one by one: no batch shows in a value."""
    net = network(pair.weights.require("inception"), pair.device)
    pooled, logits = [], []
    before = torch.get_num_threads()
    torch.set_num_threads(threads())
    try:
        with torch.inference_mode():
            for image in images:
                batch = torch.from_numpy(image).to(pair.device).permute(2, 0, 1)[None]
                features, classes = net(to_range(batch.contiguous()))
                pooled.append(features[0].cpu().numpy())
                logits.append(classes[0].cpu().numpy())
    finally:
        torch.set_num_threads(before)
    return np.stack(pooled), np.stack(logits)


def _whole(
    pair: Pair, resize: Callable[[Image], Floats], to_range: Callable[[Tensor], Tensor]
) -> dict[str, Rows]:
    pooled, logits = _features(pair, [resize(pair.prediction), resize(pair.target)], to_range)
    return {"features": pooled[:, None], "logits": logits[:, None]}


def clean(pair: Pair, key: str) -> dict[str, Rows]:  # noqa: ARG001 - samplers share one signature
    """Resize whole images as clean-fid does: ``features`` (2, 1, 2048) and ``logits`` (2, 1, 1008)."""
    return _whole(pair, resize_clean, _clean_range)


def pytorch(pair: Pair, key: str) -> dict[str, Rows]:  # noqa: ARG001 - samplers share one signature
    """Resize whole images as pytorch-fid does; the same arrays."""
    return _whole(pair, resize_pytorch, _pytorch_range)


def patches(pair: Pair, key: str) -> dict[str, Rows]:
    """Cut `PATCHES` patches of 299 x 299 original pixels around missing pixels: nothing is resized.

    Both images are cut at the same points, which `metrics.hole_points` draws from the key. An image below
    299 pixels a side, or without a hole, gives no row.
    """
    height, width = pair.mask.shape
    points = hole_points(pair.mask, PATCHES, key=f"patches-v1|{key}")
    if len(points) == 0 or min(height, width) < SIZE:
        return {"features": np.empty((2, 0, 2048), np.float32)}
    cut = []
    for image in (pair.prediction, pair.target):
        for row, column in points:
            top = min(max(row - SIZE // 2, 0), height - SIZE)
            left = min(max(column - SIZE // 2, 0), width - SIZE)
            cut.append(image[top : top + SIZE, left : left + SIZE].astype(np.float32))
    pooled, _ = _features(pair, cut, _clean_range)
    return {"features": pooled.reshape(2, len(points), -1)}
