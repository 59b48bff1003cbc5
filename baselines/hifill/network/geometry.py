"""Numbers that the network and the pipelines around it share; without torch."""

from typing import Final, Literal, get_args

SIZE: Final = 512
GRID: Final = 32
CELLS: Final = GRID * GRID
CELL_PX: Final = 16

Start = Literal["zeros", "membrane"]
STARTS: Final[tuple[Start, ...]] = get_args(Start)
REDUCTIONS: Final = (2, 4, 8)

Gate = Literal["none", "sc", "pw", "ds", "full"]
GATES: Final[tuple[Gate, ...]] = get_args(Gate)

HEAD: Final = tuple(f"refine.re_de_toRGB__256.feature.{kind}" for kind in ("weight", "bias"))
"""What the decoder adds is made by these two tensors."""

# Of what a cell looks like, see `description`.
COLOUR_SPREAD: Final = 0.15
DETAIL_SPREAD: Final = 0.4
LEAST_DETAIL: Final = 0.01
STRENGTHS: Final = 2
"""Strengths of detail at the end of a description."""
