"""What a registered method may offer beside its call: pictures of its stages, an export of its network."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ._registry import imported, methods
from .base import Image, Inpainter, Mask, MethodError


@dataclass(frozen=True)
class Export:
    """Network in the format of another runtime.

    Attributes:
        path: the file, or for Core ML the package folder.
        format: name of the format.
        graph: name of the part of the method that it holds.
        difference: largest absolute difference to the original; ``None`` where it cannot be run here.
        parameters: of the network.
        untrained: True for random weights.
        precision: of weights and activations.
    """

    path: Path
    format: str
    graph: str
    difference: float | None
    parameters: int
    untrained: bool
    precision: str = "fp32"


class Exporter(Protocol):
    """Function that writes a method's network in another format and compares it with the original."""

    def __call__(
        self,
        name: str,
        path: str | Path,
        *,
        to: str,
        graph: str | None,
        size: tuple[int, int] | None,
        weights: str | Path | None,
        precision: str = "fp32",
    ) -> Export:
        """Write the network.

        Args:
            name: registered name of the method.
            path: file to write.
            to: name of the format.
            graph: name of the part to write; ``None`` for the method's choice.
            size: height and width in pixels to fix; ``None`` for the method's choice.
            weights: file; ``None`` for the shipped weights.
            precision: of weights and activations, where the format has a choice.

        Raises:
            MethodError: an unknown format or part, or a result that differs from the original.
        """
        ...


class Explain(Protocol):
    """Function that shows the stages of one call."""

    def __call__(self, method: Inpainter, image: Image, mask: Mask, path: Path, /) -> object:
        """Write a contact sheet, a PNG file, of one call.

        Args:
            method: as `baselines.load` returns it.
            image: uint8 RGB ``(H, W, 3)``.
            mask: bool ``(H, W)``, ``True`` = missing.
            path: file to write.

        Raises:
            MethodError: wrong arrays, or another method than the function is for.
        """
        ...


def exporter(name: str) -> Exporter:
    """Find the function that exports a method's network.

    Raises:
        MethodError: the method has none; the message lists those that have.
    """
    entry = methods().get(name)
    if entry is None or entry.export is None:
        others = ", ".join(entry.name for entry in methods().values() if entry.export)
        raise MethodError(f"{name} has no export; these have: {others}")
    export: Exporter = imported(entry.export, f"exporting {name}")
    return export


def explainer(name: str) -> Explain:
    """Find the function that shows a method's stages.

    Raises:
        MethodError: the method has none; the message lists those that have.
    """
    entry = methods().get(name)
    if entry is None or entry.explain is None:
        others = ", ".join(entry.name for entry in methods().values() if entry.explain)
        raise MethodError(f"{name} shows no stages; these methods do: {others}")
    explain: Explain = imported(entry.explain, f"stages of {name}")
    return explain
