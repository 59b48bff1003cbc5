"""Attention Upscaling in torch: the same transfer as in ``transfer_numba``, batched over tokens, for GPUs."""

import numpy as np
import torch
from torch import Tensor

from baselines.base import Image, Mask
from baselines.rethined.network.attention import PATCH

from .plan import TransferPlan, ramps, taps

_BATCH_PX = 1 << 22


def transfer_torch(image: Image, mask: Mask, plan: TransferPlan, device: torch.device) -> None:
    """Write the hole of ``image`` in place, computed on ``device``; see `transfer_numba.transfer_numba`."""
    pixels = torch.from_numpy(image).to(device)
    if pixels.data_ptr() == image.__array_interface__["data"][0]:
        pixels = pixels.clone()
    missing = torch.from_numpy(mask).to(device)
    positions, values = compute(pixels, missing, plan)
    flat = positions.cpu().numpy()
    image.reshape(-1, 3)[flat] = values.cpu().numpy()


def compute(pixels: Tensor, missing: Tensor, plan: TransferPlan) -> tuple[Tensor, Tensor]:
    """Compute the values of the missing pixels.

    Args:
        pixels: uint8 ``(H, W, 3)`` on any device.
        missing: bool ``(H, W)`` on the same device.
        plan: of the transfer.

    Returns:
        int64 ``(n,)`` positions in the flattened image and uint8 ``(n, 3)`` values.
    """
    device, (height, width) = pixels.device, missing.shape
    side = PATCH * plan.scale
    bands = tuple(torch.from_numpy(band).to(device) for band in (plan.coarse, plan.low))
    fractions = torch.from_numpy(plan.detail).to(device)
    sources = torch.from_numpy(plan.sources).to(device)
    hole = torch.from_numpy(np.ascontiguousarray(plan.hole)).to(device)
    weights = torch.from_numpy(ramps(plan.scale, plan.reach_px)).to(device)
    first, second = (torch.from_numpy(x).to(device) for x in taps(plan.scale))
    steps = torch.arange(side, device=device)
    positions, values = [], []
    for tokens in torch.split(hole, max(1, _BATCH_PX // side**2)):
        row, column = tokens // sources.shape[1], tokens % sources.shape[1]
        total = torch.zeros((len(tokens), side, side, 3), device=device)
        weight = torch.zeros((len(tokens), side, side, 1), device=device)
        for j, i in np.ndindex(3, 3):
            present, shift, detail = _shift(sources, fractions, row + j - 1, column + i - 1)
            rows, columns = _span(j, side, plan.reach_px), _span(i, side, plan.reach_px)
            if not len(steps[rows]) or not len(steps[columns]) or not present.any():
                continue
            y = (row * side)[:, None] + steps[rows] + (shift[:, 0] * side)[:, None]
            x = (column * side)[:, None] + steps[columns] + (shift[:, 1] * side)[:, None]
            y, x = y.clamp(0, height - 1), x.clamp(0, width - 1)
            value = detail * pixels[y[:, :, None], x[:, None]].float()
            value += _lift(bands, row, column, shift, detail, first, second, rows, columns)
            w = weights[j, rows, None] * weights[i, None, columns] * present[:, None, None]
            total[:, rows, columns] += w[..., None] * value
            weight[:, rows, columns] += w[..., None]
        y, x = (row * side)[:, None] + steps, (column * side)[:, None] + steps
        inside = (y < height)[:, :, None] & (x < width)[:, None]
        flat = (y.clamp(max=height - 1) * width)[:, :, None] + x.clamp(max=width - 1)[:, None]
        written = inside & missing.view(-1)[flat]
        positions.append(flat[written])
        values.append((total / weight + 0.5).clamp(0, 255).to(torch.uint8)[written])
    return torch.cat(positions), torch.cat(values)


def _span(k: int, side: int, reach: int) -> slice:
    return (slice(0, reach), slice(0, side), slice(side - reach, side))[k]


def _shift(sources: Tensor, fractions: Tensor, row: Tensor, column: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    rows, columns = sources.shape
    inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    nearest = row.clamp(0, rows - 1), column.clamp(0, columns - 1)
    source = sources[nearest]
    present = inside & (source >= 0)
    shift = torch.stack((source // columns - row, source % columns - column), dim=1)
    return present, torch.where(present[:, None], shift, 0), fractions[nearest][:, None, None, None]


def _lift(
    bands: tuple[Tensor, ...],
    row: Tensor,
    column: Tensor,
    shift: Tensor,
    detail: Tensor,
    first: Tensor,
    second: Tensor,
    rows: slice,
    columns: slice,
) -> Tensor:
    reach = torch.arange(-1, PATCH + 1, device=row.device)
    y, x = PATCH * row[:, None] + reach, PATCH * column[:, None] + reach

    def at(band: Tensor, y: Tensor, x: Tensor) -> Tensor:
        return band[y.clamp(0, band.shape[0] - 1)[:, :, None], x.clamp(0, band.shape[1] - 1)[:, None]]

    coarse, low = bands
    rest, source = at(coarse, y, x), at(low, y + PATCH * shift[:, :1], x + PATCH * shift[:, 1:])
    window = rest - detail * (rest - at(low, y, x) + source)
    a, t = first[columns], second[columns, None]
    across = window[:, :, a] + t * (window[:, :, a + 1] - window[:, :, a])
    a, t = first[rows], second[rows, None, None]
    return across[:, a] + t * (across[:, a + 1] - across[:, a])
