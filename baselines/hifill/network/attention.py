"""Attention computing and attention transfer between cells (paper, section 3.2).

A cell is 16 x 16 of the network's pixels. N is the number of cells: at 512 x 512 they are 32 x 32, 1024. They
are numbered row by row. An attention matrix is ``(B, queries, keys)``: row ``i`` says with which weights the
known cells make up cell ``i``. Rows sum to less than 1 where masked cells keep their share.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from .geometry import CELL_PX
from .layers import same_padding

_SOFTMAX_SCALE = 10.0
_LEAST_NORM = 1e-8


def valid_keys(mask: Tensor) -> Tensor:
    """Cells that attention may copy from: neither they nor any of their eight neighbours touch the hole.

    Args:
        mask: float ``(B, 1, S, S)``, 1 = hole; S a multiple of 16.

    Returns:
        float ``(B, N)``, 1 = valid.
    """
    touched = F.max_pool2d(F.max_pool2d(mask, CELL_PX), 3, stride=1, padding=1)
    return (1 - touched).flatten(1)


def compute_attention(features: Tensor, valid: Tensor) -> Tensor:
    """Compare every cell with every valid cell.

    Scores are inner products of 3x3 patches in which only the key is normalised, summed along the diagonals
    of both scan orders so that neighbours are copied together. A masked key scores 0 before the softmax, is
    counted there, and is dropped after it.

    Args:
        features: float ``(B, C, S / 8, S / 8)``.
        valid: float ``(B or 1, N)`` as from `valid_keys`.

    Returns:
        float ``(B, N, N)``.
    """
    patches = F.unfold(features[..., ::2, ::2], 3, padding=1)
    # The square root has no derivative at 0, where the norm does not matter.
    norms = patches.square().sum(1, keepdim=True).clamp_min(_LEAST_NORM**2).sqrt()
    scores = _fuse(patches.transpose(1, 2) @ (patches / norms), features.shape[-1] // 2)
    valid = valid[:, None, :]
    return torch.softmax(scores * (valid * _SOFTMAX_SCALE), dim=-1) * valid


def _fuse(scores: Tensor, side: int) -> Tensor:
    """Sum the diagonals with the cells in row order, then with the cells in column order."""
    grid = (-1, side, side, side, side)
    turned = _diagonal_sum(scores).reshape(grid).permute(0, 2, 1, 4, 3).reshape(scores.shape)
    return _diagonal_sum(turned).reshape(grid).permute(0, 2, 1, 4, 3).reshape(scores.shape)


def _diagonal_sum(scores: Tensor) -> Tensor:
    """``s[i - 1, j - 1] + s[i, j] + s[i + 1, j + 1]``, zero outside the matrix."""
    return scores + F.pad(scores[:, :-1, :-1], (1, 0, 1, 0)) + F.pad(scores[:, 1:, 1:], (0, 1, 0, 1))


def transfer(features: Tensor, attention: Tensor, kernel: int) -> Tensor:
    """Rebuild a feature map from the patches that attention names.

    Overlapping patches are summed and not averaged, as in the released graph.

    Args:
        features: float ``(B, C, S, S)``, S a multiple of the grid's side.
        attention: float ``(B, N, N)``.
        kernel: side of a patch in pixels; its step is the side of a cell.

    Returns:
        float ``(B, C, S, S)``.
    """
    size, grid = features.shape[-1], math.isqrt(attention.shape[-1])
    step = size // grid
    before, after = same_padding(size, kernel, step)
    padded = F.pad(features, (before, after, before, after))
    if kernel == 2 * step:
        summed = _mix_blocks(padded, attention, grid)
    else:
        mixed = F.unfold(padded, kernel, stride=step) @ attention.transpose(1, 2)
        summed = F.fold(mixed, padded.shape[-2:], kernel, stride=step)
    return summed[..., before : before + size, before : before + size]


def _mix_blocks(padded: Tensor, attention: Tensor, grid: int) -> Tensor:
    """Mix patches of two steps by two as the blocks of one step that they consist of.

    Each block lies in four patches, and each of these moves it by the same distance as the patch. The four
    weights can be added up before the product, which then is a quarter as large.
    """
    batch, channels, side = padded.shape[:3]
    blocks = grid + 1
    weights = attention.reshape(-1, grid, grid, grid, grid)
    weights = F.pad(weights, (0, 1, 0, 0, 0, 1)) + F.pad(weights, (1, 0, 0, 0, 1, 0))
    weights = F.pad(weights, (0, 0, 0, 1, 0, 0, 0, 1)) + F.pad(weights, (0, 0, 1, 0, 0, 0, 1, 0))
    weights = weights.reshape(-1, blocks * blocks, blocks * blocks)
    cut = (batch, channels, blocks, side // blocks, blocks, side // blocks)
    pixels = padded.reshape(cut).permute(0, 1, 3, 5, 2, 4)
    mixed = pixels.reshape(batch, -1, blocks * blocks) @ weights.transpose(1, 2)
    return mixed.reshape(pixels.shape).permute(0, 1, 4, 2, 5, 3).reshape(padded.shape)
