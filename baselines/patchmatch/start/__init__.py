"""First estimate of the hole, before anything is matched with it."""

from .lattice import Lattice, lattice, refine
from .onion import peel

__all__ = ["Lattice", "lattice", "peel", "refine"]
