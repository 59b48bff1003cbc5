"""An inpainting method for the DF8K-Inpainting benchmark: replace what is inside `fill`."""

from __future__ import annotations

import numpy as np


class Method:
    """Called once per picture, in a process of its own."""

    # What the leaderboard says of the method; `name` and `version` at least.
    card = {  # noqa: RUF012 - read once, never changed
        "name": "my-method",
        "version": "1",
        "summary": "rows and columns of known pixels, averaged",
        "source": "paper or repository",
        "licence": "of code and weights",
        "parameters": 0,
    }

    def __call__(self, image: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """Fill the hole.

        Args:
            image: uint8 RGB (H, W, 3), zero where it is missing.
            mask: bool (H, W), True = missing.

        Returns:
            uint8 RGB (H, W, 3).
        """
        values = image.astype(np.float32) / 255  # what most networks take
        filled = fill(values, mask)
        return np.rint(np.clip(filled, 0, 1) * 255).astype(np.uint8)


def fill(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Your method: float32 (H, W, 3) from 0 to 1 in and out."""
    known = ~mask[..., None]
    if not known.any():
        return np.full_like(values, 0.5)
    mean = values.sum(axis=(0, 1)) / known.sum()
    sums = [np.broadcast_to(values.sum(axis, keepdims=True), values.shape) for axis in (0, 1)]
    counts = [np.broadcast_to(known.sum(axis, keepdims=True), values.shape) for axis in (0, 1)]
    lines = (sums[0] + sums[1] + mean) / (counts[0] + counts[1] + 1)
    return np.where(known, values, lines)


def load() -> Method:
    """Load weights here: it is not timed."""
    return Method()
