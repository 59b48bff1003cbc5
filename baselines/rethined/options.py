"""Options of RETHINED for its users."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from df8k.baselines.base import MethodError

from .network.geometry import CUT_PX

_WORKING = (256, 512, 768, 1024)


@dataclass(frozen=True)
class Options:
    """Options of the method, with its defaults.

    Attributes:
        working_resolution: 256, 512, 768 or 1024; bound of the longer side in the network.
        backend: torch, torch-bf16, onnxruntime, an export's ``FILE.onnx``; auto, which is onnxruntime on the
            CPU where it is installed and torch elsewhere; or fastest, by a short measurement.
        cut_px: standard deviation of the frequency cut in working pixels.
        coherence: on, sources are improved together; off, each patch takes the one that attention gives it,
            as in the paper.
        seed: of the random search for coherent sources.

    Raises:
        MethodError: an option out of its range.
    """

    working_resolution: int = 512
    backend: str = "auto"
    cut_px: float = CUT_PX
    coherence: str = "on"
    seed: int = 0

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Set options by name; the others keep their defaults.

        Raises:
            MethodError: one that does not exist, or out of its range.
        """
        known = [field.name for field in fields(cls)]
        if unknown := sorted(values.keys() - set(known)):
            raise MethodError(f"RETHINED has no option {', '.join(unknown)}; it has {', '.join(known)}")
        return cls(**values)

    def __post_init__(self) -> None:
        if self.working_resolution not in _WORKING:
            known = ", ".join(map(str, _WORKING))
            raise MethodError(f"working_resolution is one of {known}; got {self.working_resolution}")
        if not 0.3 <= self.cut_px <= 10:
            raise MethodError(f"cut_px is between 0.3 and 10 working pixels; got {self.cut_px}")
        if self.coherence not in ("on", "off"):
            raise MethodError(f"coherence is on or off; got {self.coherence!r}")
        if self.seed < 0:
            raise MethodError(f"seed is 0 or more; got {self.seed}")
