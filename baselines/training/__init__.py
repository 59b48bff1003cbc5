"""Training of the learned methods: one core, one objective per method.

`objective` is the contract, `registry` names who fulfils it.
"""

from .objective import Batch, Networks, Objective, Progress, Provenance, Recipe, Update
from .registry import recipe, trainable

__all__ = [
    "Batch",
    "Networks",
    "Objective",
    "Progress",
    "Provenance",
    "Recipe",
    "Update",
    "recipe",
    "trainable",
]
