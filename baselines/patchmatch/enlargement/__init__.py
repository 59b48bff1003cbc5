"""Copying at full size: each missing cell takes the pixels of its source cell, whatever the picture's size.

Colours are set at the working resolution: the cell's value there, less its source's, is enlarged bilinearly
and added to the copied pixels, so the full-size picture is read as 8-bit numbers and nothing is filtered.
Where neighbours share a shift and agree with their sources, pixels are copied bit for bit. Cells side by side
with different shifts are blended over half a cell with squared sines, which sum to one. The work grows with
the hole.

This is RETHINED's Attention Upscaling too: there a cell's source comes from its token's attention.
"""

from .painting import paint
from .windows import Shifts, edge_weights

__all__ = ["Shifts", "edge_weights", "paint"]
