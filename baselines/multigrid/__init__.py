"""Laplace's and Poisson's equation in a hole of any shape, by multigrid."""

from .cycles import CYCLES as CYCLES
from .cycles import correction as correction
from .cycles import solve as solve
from .grids import GridLevel as GridLevel
from .grids import hierarchy as hierarchy
