"""Weight files of HiFill as they are read for inference, without torch."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from _df8k.bounded import parse_json
from df8k.baselines._registry import shipped_path
from df8k.baselines.base import MethodError

from .network.geometry import GATES, REDUCTIONS, STARTS, Gate, Start

FORMAT: Final = "hifill/1"
CRITIC: Final = "critic."
SHIPPED: Final = shipped_path("hifill")


@dataclass(frozen=True)
class Stored:
    """Numbers of a generator with their origin.

    Attributes:
        tensors: float32, by their names in `Generator`.
        coarse_gate: see `Generator`, as are the next three.
        refine_gate: of the second stage.
        start: what the hole holds at first.
        reduction: of the coarse stage.
        sha256: hash of the weights file.
        licence: of the weights, as the file says.
        provenance: origin as the file says it.
    """

    tensors: dict[str, npt.NDArray[np.float32]]
    coarse_gate: Gate
    refine_gate: Gate
    start: Start
    reduction: int
    sha256: str
    licence: str
    provenance: dict[str, Any]

    @property
    def parameters(self) -> int:
        """Their number."""
        return sum(tensor.size for tensor in self.tensors.values())

    @property
    def untrained(self) -> bool:
        """False: a file holds what was learned."""
        return False


def shipped() -> Path | None:
    """Path of the weights that come with the package; ``None`` where they are not there."""
    return SHIPPED if SHIPPED.is_file() else None


def read_stored(path: Path) -> Stored:
    """Read a file that `save_weights` wrote; whether its tensors fit a generator is not checked.

    Raises:
        MethodError: the file is absent or is no HiFill weights file.
    """
    if not path.is_file():
        raise MethodError(f"no weights file at {path}: give one that 'df8k weights convert-hifill' wrote")
    try:
        with safe_open(str(path), framework="np") as file:
            header = file.metadata() or {}
            names = [name for name in file.keys() if not name.startswith(CRITIC)]  # noqa: SIM118 - no mapping
            tensors = {name: file.get_tensor(name).astype(np.float32) for name in names}
    except (SafetensorError, OSError, RuntimeError, ValueError, TypeError, AttributeError) as error:
        raise MethodError(
            f"{path} is no safetensors file ({error}): "
            "convert original weights with 'df8k weights convert-hifill'"
        ) from error
    if header.get("format") != FORMAT:
        raise MethodError(
            f"{path} holds format {header.get('format')!r}, expected {FORMAT!r}: "
            "convert original weights with 'df8k weights convert-hifill'"
        )
    return Stored(
        tensors,
        _gate(path, header, "coarse"),
        _gate(path, header, "refine"),
        _start(path, header),
        _reduction(path, header),
        hashlib.sha256(path.read_bytes()).hexdigest(),
        header.get("licence", "unknown"),
        parse_json(header.get("provenance", "{}"), f"{path}, provenance", MethodError),
    )


def _gate(path: Path, header: Mapping[str, str], stage: str) -> Gate:
    name = header.get(f"{stage}_gate")
    for gate in GATES:
        if gate == name:
            return gate
    raise MethodError(f"{path} names the {stage} gate {name!r}: expected one of {', '.join(GATES)}")


def _start(path: Path, header: Mapping[str, str]) -> Start:
    name = header.get("start", "zeros")  # files from before there was a choice have the paper's
    for start in STARTS:
        if start == name:
            return start
    raise MethodError(f"{path} names the start {name!r}: expected one of {', '.join(STARTS)}")


def _reduction(path: Path, header: Mapping[str, str]) -> int:
    number = header.get("reduction", str(REDUCTIONS[0]))  # as for the start
    for reduction in REDUCTIONS:
        if str(reduction) == number:
            return reduction
    raise MethodError(
        f"{path} names the reduction {number!r}: expected one of {', '.join(map(str, REDUCTIONS))}"
    )
