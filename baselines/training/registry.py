"""Find the training recipe of a registered method."""

from df8k.baselines._registry import imported, methods
from df8k.baselines.base import MethodError

from .objective import Recipe


def trainable() -> tuple[str, ...]:
    """List the methods that can be trained, by name."""
    return tuple(entry.name for entry in methods().values() if entry.recipe)


def recipe(name: str) -> Recipe:
    """Import the recipe of a method.

    Raises:
        MethodError: the method cannot be trained here; the message lists those that can.
    """
    entry = methods().get(name)
    if entry is None or entry.recipe is None:
        raise MethodError(f"no training recipe for {name!r}: known: {', '.join(trainable())}")
    loaded: Recipe = imported(entry.recipe, f"training {name}")
    return loaded
