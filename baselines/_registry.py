"""Registered methods: one entry holds everything that the project knows of a method by its name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from _df8k.extras import naming_extras
from _df8k.hints import unknown_name

from .base import Inpainter, MethodError, NotInstalledError

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class MethodEntry:
    """Registered method. Targets are ``module:attribute`` and are imported when they are asked for.

    Attributes:
        name: what users type, lower-kebab.
        target: factory, ``factory(*, device, **options)``, that returns an `Inpainter`.
        summary: one line for lists.
        weights: file of learned weights that comes with the package; without it the method runs untrained.
        recipe: `training.Recipe`; ``None`` where the method cannot be trained here.
        explain: `roles.Explain`; ``None`` where the method shows no stages.
        export: `roles.Exporter`; ``None`` where its network has no other format.
        peer: True for a method of another package, which may be absent: run where it is asked for by name.
    """

    name: str
    target: str
    summary: str
    weights: Path | None = None
    recipe: str | None = None
    explain: str | None = None
    export: str | None = None
    peer: bool = False


class UnknownMethodError(MethodError):
    """No method of that name is registered."""


_ENTRIES = (
    MethodEntry(
        name="mean",
        target="df8k.baselines.mean:mean",
        summary="mean colour of the known region: the floor of the table",
    ),
    MethodEntry(
        name="telea",
        target="df8k.baselines.opencv:telea",
        summary="fast marching (Telea 2004), OpenCV",
    ),
    MethodEntry(
        name="ns",
        target="df8k.baselines.opencv:ns",
        summary="Navier-Stokes (Bertalmio 2001), OpenCV",
    ),
    MethodEntry(
        name="harmonic",
        target="df8k.baselines.harmonic:harmonic",
        summary="membrane fill: Laplace's equation by multigrid",
    ),
    MethodEntry(
        name="patchmatch",
        target="df8k.baselines.patchmatch:patchmatch",
        summary="coarse-to-fine PatchMatch, copied at full size",
    ),
    MethodEntry(
        name="random-sources",
        target="df8k.baselines.patchmatch:random_sources",
        summary="control: random known patches, copied as patchmatch copies",
    ),
    MethodEntry(
        name="rethined",
        target="df8k.baselines.rethined:rethined",
        summary="RETHINED (WACV 2025), 7.8 M parameters",
        weights=_FOLDER / "rethined/weights.safetensors",
        recipe="df8k.baselines.rethined.training.objective:RECIPE",
        explain="df8k.baselines.rethined:explain",
        export="df8k.baselines.rethined:export",
    ),
    MethodEntry(
        name="rethined-large",
        target="df8k.baselines.rethined:rethined_large",
        summary="RETHINED, 29.4 M parameters",
        weights=_FOLDER / "rethined/weights-large.safetensors",
        recipe="df8k.baselines.rethined.training.objective:RECIPE_LARGE",
        explain="df8k.baselines.rethined:explain",
        export="df8k.baselines.rethined:export",
    ),
    MethodEntry(
        name="rethined-untrained",
        target="df8k.baselines.rethined:rethined_untrained",
        summary="control: RETHINED on the random start of its network",
    ),
    MethodEntry(
        name="rethined-official",
        target="df8k.baselines.rethined:rethined_official",
        summary="RETHINED as its authors released it, for comparison",
    ),
    MethodEntry(
        name="hifill",
        target="df8k.baselines.hifill:hifill",
        summary="contextual residual aggregation (HiFill, CVPR 2020)",
        weights=_FOLDER / "hifill/weights.safetensors",
        recipe="df8k.baselines.hifill.training.objective:RECIPE",
    ),
    MethodEntry(
        name="pypatchmatch",
        target="df8k.baselines.peers.pypatchmatch:pypatchmatch",
        summary="peer: PyPatchMatch, multi-scale PatchMatch in C++",
        peer=True,
    ),
    MethodEntry(
        name="patchmatch-cython",
        target="df8k.baselines.peers.patchmatch_cython:patchmatch_cython",
        summary="peer: patchmatch-cython, PatchMatch over a pyramid",
        peer=True,
    ),
    MethodEntry(
        name="gmic-matchpatch",
        target="df8k.baselines.peers.gmic:gmic_matchpatch",
        summary="peer: G'MIC inpaint_matchpatch",
        peer=True,
    ),
    MethodEntry(
        name="resynthesizer",
        target="df8k.baselines.peers.resynthesizer:resynthesizer",
        summary="peer: Resynthesizer, as in GIMP",
        peer=True,
    ),
    MethodEntry(
        name="xphoto-shiftmap",
        target="df8k.baselines.peers.xphoto:xphoto_shiftmap",
        summary="peer: OpenCV's shift maps",
        peer=True,
    ),
    MethodEntry(
        name="xphoto-fsr",
        target="df8k.baselines.peers.xphoto:xphoto_fsr",
        summary="peer: OpenCV's frequency-selective reconstruction",
        peer=True,
    ),
)


@cache
def methods() -> Mapping[str, MethodEntry]:
    """List every registered method by name: the package's, then those of the entry points ``df8k.methods``.

    Raises:
        MethodError: an entry point takes a name that is registered already.
    """
    entries = {entry.name: entry for entry in _ENTRIES}
    for point in entry_points(group="df8k.methods"):
        if point.name in entries:
            raise MethodError(
                f"the entry point {point.name!r} = {point.value!r} takes a name that stands for "
                f"{entries[point.name].target!r}: rename it in the package that declares it"
            )
        entries[point.name] = MethodEntry(name=point.name, target=point.value, summary=f"from {point.value}")
    return entries


def load(name: str, *, device: str = "cpu", **options: Any) -> Inpainter:
    """Load a registered method.

    Args:
        name: registered name, as `methods` lists them.
        device: torch device string; methods without a network run on the CPU whatever it says.
        **options: passed to the method's factory.

    Raises:
        UnknownMethodError: no such name; the message offers the nearest ones.
        NotInstalledError: the method needs an extra of the package, which the message names.
    """
    entry = methods().get(name)
    if entry is None:
        raise UnknownMethodError(unknown_name("method", name, methods()))
    factory: Callable[..., Inpainter] = imported(entry.target, name)
    with naming_extras(name, NotInstalledError):
        return factory(device=device, **options)


def shipped_path(name: str) -> Path:
    """Path of the weights file that comes with a method of the package; the file need not be there.

    Raises:
        MethodError: the method has no weights.
    """
    weights = methods()[name].weights
    if weights is None:
        raise MethodError(f"{name} has no weights")
    return weights


def imported(target: str, purpose: str) -> Any:
    """Import ``module:attribute`` and return the attribute.

    Args:
        target: what is imported.
        purpose: who needs it, for the message.

    Raises:
        NotInstalledError: it needs an extra of the package, which the message names.
    """
    module, _, attribute = target.partition(":")
    with naming_extras(purpose, NotInstalledError):
        return getattr(import_module(module), attribute)
