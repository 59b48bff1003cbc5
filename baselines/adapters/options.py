"""Registered methods with options: ``NAME,OPTION=VALUE,...``."""

import inspect
import json
import re
from dataclasses import replace
from typing import Any

from df8k.baselines._registry import imported, load, methods
from df8k.baselines.base import Inpainter, MethodCard, MethodError, Wrapper


class WithOptions(Wrapper):
    """Registered method that was loaded with options; its name tells them."""

    def __init__(self, inpaint: Inpainter, options: dict[str, Any]) -> None:
        super().__init__(inpaint)
        tags = (f"{name}-{value}".lower() for name, value in sorted(options.items()))
        self._tag = "-".join(re.sub(r"[^a-z0-9.]+", "-", tag).strip("-") for tag in tags)

    @property
    def card(self) -> MethodCard:
        """Return the method's card; its settings hold the options already."""
        card = self.inpaint.card
        return replace(card, name=f"{card.name}-{self._tag}")


def registered_name(spec: str) -> str:
    """Read the registered name that a SPEC begins with."""
    return spec.partition(",")[0]


def load_spec(spec: str, device: str) -> Inpainter:
    """Load a registered method by its SPEC.

    Args:
        spec: ``NAME``, or ``NAME,OPTION=VALUE,...``; values are numbers, ``true``, ``false`` or else text.
        device: torch device string.

    Raises:
        UnknownMethodError: no such method.
        MethodError: an option without a value or given twice, or one that the method refuses.
    """
    _, comma, rest = spec.partition(",")
    options: dict[str, Any] = {}
    for item in rest.split(",") if comma else ():
        key, equals, value = item.partition("=")
        if not (key.isidentifier() and equals and value) or key in options or key == "device":
            raise MethodError(f"{spec!r}: {item!r} is no OPTION=VALUE, or one that stands elsewhere already")
        options[key] = _value(value)
    try:
        inpaint = load(registered_name(spec), device=device, **options)
    except MethodError:
        raise
    except (TypeError, ValueError) as error:  # an option that the method does not have, or of another kind
        raise MethodError(f"{spec!r} cannot be loaded: {_fault(spec, options, error)}") from error
    return WithOptions(inpaint, options) if options else inpaint


def _fault(spec: str, options: dict[str, Any], error: Exception) -> str:
    """Say which option a method does not have and which it has, or what its factory said."""
    factory = imported(methods()[registered_name(spec)].target, spec)
    parameters = inspect.signature(factory).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return str(error)
    known = [parameter.name for parameter in parameters if parameter.name != "device"]
    unknown = [name for name in options if name not in known]
    if unknown:
        return f"it has no option {unknown[0]!r}; its options are {', '.join(known) or 'none'}"
    for parameter in parameters:
        value = options.get(parameter.name, 0)
        if parameter.annotation in (int, float) and not isinstance(value, (int, float)):
            return f"{parameter.name} is {value!r}, a number is expected"
    values = ", ".join(f"{name} = {value!r}" for name, value in options.items())
    return f"{error} (with {values})"


def _value(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, (bool, int, float)) else text
