"""From ``known:NAME`` to a method that was seen to fill holes."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from _df8k.weights import WeightStore
from df8k.baselines.adapters.network import NetworkWorker
from df8k.baselines.adapters.options import load_spec
from df8k.baselines.adapters.settings import Limits
from df8k.baselines.base import Inpainter, MethodCard, MethodError, Wrapper

from .entry import KnownMethod, known_method
from .selfcheck import check_polarity

PREFIX: Final = "known:"


class Store(WeightStore):
    """Store of the catalogue's files, with this package's errors."""

    error = MethodError
    unavailable = MethodError


class Known(Wrapper):
    """Public method whose card says what the catalogue knows of it."""

    def __init__(self, inpaint: Inpainter, entry: KnownMethod) -> None:
        super().__init__(inpaint)
        self._entry = entry

    @property
    def card(self) -> MethodCard:
        """Card of the method, with name, source and licence of the catalogue."""
        card, entry = self.inpaint.card, self._entry
        return replace(card, name=entry.name, summary=entry.title, source=entry.paper, licence=entry.licence)


def open_known(spec: str, *, device: str = "cpu", limits: Limits | None = None) -> Inpainter:
    """Open a public method whose files are on this machine, and see that it understands masks.

    Args:
        spec: ``known:NAME``.
        device: torch device.
        limits: bounds of its process.

    Raises:
        MethodError: no such entry; files that are absent, with the way to get them; a method that needs an
            environment of its own; or one that fills the known region.
    """
    entry = known_method(spec)
    inpaint = Known(_opened(entry, device, limits), entry)
    check_polarity(inpaint, spec, entry.size)
    return inpaint


def _opened(entry: KnownMethod, device: str, limits: Limits | None) -> Inpainter:
    if entry.kind == "worker":
        raise MethodError(
            f"known:{entry.name} needs its authors' code: run 'df8k method init {entry.name} --known "
            f"{entry.name}', set what its file asks for at the top, then give --method "
            f"{entry.name}/{entry.worker}:load --python ENVIRONMENT/bin/python"
        )
    if entry.kind == "registered":
        path = converted_path(entry)
        if not path.is_file():
            raise MethodError(f"known:{entry.name} needs {path}: {entry.obtain}")
        return load_spec(str(entry.spec).format(file=path), device)
    path = require(entry)
    kind = entry.kind
    return NetworkWorker(path, kind, device=device, limits=limits, convention=entry.convention)


def converted_path(entry: KnownMethod) -> Path:
    """Say where the converted weights of a registered method belong."""
    return Store([]).folder / str(entry.converted)


def require(entry: KnownMethod) -> Path:
    """Find the pinned file of an entry.

    Raises:
        MethodError: it is absent; the message says what it is, under which licence, and how to get it.
    """
    weights = entry.weights
    if weights is None:
        raise MethodError(f"known:{entry.name} has no file to fetch: {entry.obtain}")
    path = Store([weights]).find(weights.name)
    if path is None:
        raise MethodError(
            f"known:{entry.name} is not on this machine ({weights.size / 1e6:.1f} MB, licence "
            f"{entry.licence}): run 'df8k weights fetch {weights.name}', or put {weights.filename} into "
            f"{Store([]).folder}"
        )
    return path


def write_worker(folder: Path, name: str) -> list[Path]:
    """Write the file that binds a public method's own code.

    Args:
        folder: created when absent.
        name: of the entry.

    Raises:
        MethodError: the method needs no such file, or the file is there.
    """
    entry = known_method(name)
    source = entry.worker_path
    if source is None:
        raise MethodError(f"known:{entry.name} needs no worker: give --method known:{entry.name}")
    target = folder / source.name
    if target.exists():
        raise MethodError(f"{target} exists: give another folder, or move it away")
    folder.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())
    return [target]
