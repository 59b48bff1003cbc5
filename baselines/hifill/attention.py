"""Attention computing and attention transfer on the 32 x 32 grid of cells (paper, section 3.2).

Cells are numbered row by row. An attention matrix is ``(B, queries, keys)``: row ``i`` says with which
weights the known cells make up cell ``i``. Rows sum to less than 1 where masked cells keep their share.
"""

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from .layers import same_padding

GRID: Final = 32
CELLS: Final = GRID * GRID

_SOFTMAX_SCALE = 10.0
_LEAST_NORM = 1e-8


def valid_keys(mask: Tensor) -> Tensor:
    """Cells that attention may copy from: neither they nor any of their eight neighbours touch the hole.

    Args:
        mask: float ``(B, 1, S, S)``, 1 = hole; S a multiple of 32.

    Returns:
        float ``(B, 1024)``, 1 = valid.
    """
    cell = mask.shape[-1] // GRID
    touched = F.max_pool2d(F.max_pool2d(mask, cell), 3, stride=1, padding=1)
    return (1 - touched).flatten(1)


def compute_attention(features: Tensor, valid: Tensor) -> Tensor:
    """Compare every cell with every valid cell.

    Scores are inner products of 3x3 patches in which only the key is normalised, summed along the diagonals
    of both scan orders so that neighbours are copied together. A masked key scores 0 before the softmax, is
    counted there, and is dropped after it.

    Args:
        features: float ``(B, C, 64, 64)``.
        valid: float ``(B or 1, 1024)`` as from `valid_keys`.

    Returns:
        float ``(B, 1024, 1024)``.
    """
    step = features.shape[-1] // GRID
    patches = F.unfold(features[..., ::step, ::step], 3, padding=1)
    norms = patches.square().sum(1, keepdim=True).sqrt().clamp_min(_LEAST_NORM)
    scores = _fuse(patches.transpose(1, 2) @ (patches / norms))
    valid = valid[:, None, :]
    return torch.softmax(scores * (valid * _SOFTMAX_SCALE), dim=-1) * valid


def _fuse(scores: Tensor) -> Tensor:
    """Sum the diagonals with the cells in row order, then with the cells in column order."""
    batch = scores.shape[0]
    grid = (batch, GRID, GRID, GRID, GRID)
    turned = _diagonal_sum(scores).reshape(grid).permute(0, 2, 1, 4, 3).reshape(batch, CELLS, CELLS)
    return _diagonal_sum(turned).reshape(grid).permute(0, 2, 1, 4, 3).reshape(batch, CELLS, CELLS)


def _diagonal_sum(scores: Tensor) -> Tensor:
    """``s[i - 1, j - 1] + s[i, j] + s[i + 1, j + 1]``, zero outside the matrix."""
    total = scores.clone()
    total[:, 1:, 1:] += scores[:, :-1, :-1]
    total[:, :-1, :-1] += scores[:, 1:, 1:]
    return total


def transfer(features: Tensor, attention: Tensor, kernel: int) -> Tensor:
    """Rebuild a feature map from the patches that attention names.

    Overlapping patches are summed and not averaged, as in the released graph.

    Args:
        features: float ``(B, C, S, S)``, S a multiple of 32.
        attention: float ``(B, 1024, 1024)``.
        kernel: side of a patch in pixels; its step is S / 32.

    Returns:
        float ``(B, C, S, S)``.
    """
    size = features.shape[-1]
    step = size // GRID
    before, after = same_padding(size, kernel, step)
    padded = F.pad(features, (before, after, before, after))
    patches = F.unfold(padded, kernel, stride=step)
    mixed = patches @ attention.transpose(1, 2)
    summed = F.fold(mixed, padded.shape[-2:], kernel, stride=step)
    return summed[..., before : before + size, before : before + size]
