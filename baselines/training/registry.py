"""Name → training recipe. A method that can be trained is one line in ``_RECIPES``."""

from importlib import import_module

from baselines.base import MethodError

from .objective import Recipe

_RECIPES = {
    "rethined": "baselines.rethined.training.objective:RECIPE",
    "rethined-large": "baselines.rethined.training.objective:RECIPE_LARGE",
    "hifill": "baselines.hifill.training:RECIPE",
}


def trainable() -> tuple[str, ...]:
    """Names of the methods that can be trained."""
    return tuple(_RECIPES)


def recipe(name: str) -> Recipe:
    """The recipe of a method.

    Raises:
        MethodError: the method cannot be trained here.
    """
    if name not in _RECIPES:
        raise MethodError(f"no training recipe for {name!r}: known: {', '.join(_RECIPES)}")
    module, _, attribute = _RECIPES[name].partition(":")
    found: Recipe = getattr(import_module(module), attribute)
    return found
