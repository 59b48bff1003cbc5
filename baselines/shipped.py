"""Learned weights that come with the package."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from safetensors import safe_open

from ._registry import methods


@dataclass(frozen=True)
class ShippedWeights:
    """Weights file of the package.

    Attributes:
        method: registered name of the method that runs with it.
        path: of the file.
        size: in bytes.
        sha256: of the file.
        about: what the file says of its making: steps, data, seed and so on.
    """

    method: str
    path: Path
    size: int
    sha256: str
    about: dict[str, str]


def shipped_weights() -> tuple[ShippedWeights, ...]:
    """Read the files that are there, in the order of the methods; a method without one runs untrained."""
    files = ((entry.name, entry.weights) for entry in methods().values())
    return tuple(_read(name, path) for name, path in files if path is not None and path.is_file())


def _read(method: str, path: Path) -> ShippedWeights:
    data = path.read_bytes()
    with safe_open(path, framework="pt") as file:
        about = dict(file.metadata() or {})
    return ShippedWeights(method, path, len(data), hashlib.sha256(data).hexdigest(), about)
