"""Name → method. A new method is one file and one line in ``_ENTRIES``."""

import difflib
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from .base import Inpainter, MethodError


@dataclass(frozen=True)
class MethodEntry:
    """A registered method.

    Attributes:
        name: what users type.
        target: ``module:factory``; imported when the method is loaded. ``factory(*, device, **options)``
            returns an `Inpainter`.
        summary: one line for lists.
    """

    name: str
    target: str
    summary: str


class UnknownMethodError(MethodError):
    """No method of that name is registered."""


_ENTRIES = (
    MethodEntry("mean", "baselines.mean:mean", "mean colour of the known region: the floor of the table"),
    MethodEntry("telea", "baselines.opencv:telea", "fast marching (Telea 2004), OpenCV"),
    MethodEntry("ns", "baselines.opencv:ns", "Navier-Stokes (Bertalmio 2001), OpenCV"),
    MethodEntry("harmonic", "baselines.harmonic:harmonic", "membrane fill: Laplace's equation by multigrid"),
    MethodEntry("rethined", "baselines.rethined:rethined", "RETHINED (WACV 2025), 4.3 M parameters"),
    MethodEntry("rethined-large", "baselines.rethined:rethined_large", "RETHINED, 17.6 M parameters"),
    MethodEntry(
        "rethined-official",
        "baselines.rethined:rethined_official",
        "RETHINED as its authors released it, for comparison",
    ),
    MethodEntry("hifill", "baselines.hifill:hifill", "contextual residual aggregation (HiFill, CVPR 2020)"),
)


@cache
def methods() -> dict[str, MethodEntry]:
    """Every registered method by name, ours first, then those of the entry-point group ``df8k.methods``.

    Raises:
        MethodError: an entry point takes a name that is registered already.
    """
    found = {entry.name: entry for entry in _ENTRIES}
    for point in entry_points(group="df8k.methods"):
        if point.name in found:
            raise MethodError(
                f"the entry point {point.name!r} = {point.value!r} takes a name that stands for "
                f"{found[point.name].target!r}: rename it in the package that declares it"
            )
        found[point.name] = MethodEntry(point.name, point.value, f"from {point.value}")
    return found


def load(name: str, *, device: str = "cpu", **options: Any) -> Inpainter:
    """Load a registered method.

    Args:
        name: registered name, as `methods` lists them.
        device: torch device string; methods without a network run on the CPU whatever it says.
        **options: passed to the method's factory.

    Raises:
        UnknownMethodError: no such name; the message offers the nearest ones.
    """
    entry = methods().get(name)
    if entry is None:
        near = difflib.get_close_matches(name, methods(), n=3)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise UnknownMethodError(f"no method is called {name!r}: {hint}known: {', '.join(methods())}")
    module, _, factory = entry.target.partition(":")
    inpainter: Inpainter = getattr(import_module(module), factory)(device=device, **options)
    return inpainter
