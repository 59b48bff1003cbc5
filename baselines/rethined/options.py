"""Options of RETHINED for its users."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from baselines.base import MethodError

from .network.model import CUT_PX
from .upscaling.plan import OVERLAP

UPSCALERS = ("numba", "torch", "opencv")
_WORKING = (256, 512, 768, 1024)


@dataclass(frozen=True)
class Options:
    """Options of the method, with its defaults.

    The fractions of detail and the frequency cut were chosen on photographs outside the test split: texture
    nearer to the originals' than that of the classical methods, at an error in the hole that is still below
    that of fast marching.

    Attributes:
        working_resolution: 256, 512, 768 or 1024; bound of the longer side in the network.
        backend: torch, torch-bf16, onnxruntime, or auto for the fastest by a short measurement.
        upscaler: numba, torch, opencv, or auto.
        cut_px: standard deviation of the frequency cut in working pixels.
        overlap: fraction of a patch that neighbouring windows have in common, 0 to 0.25.
        detail: fraction of the detail that is copied from 24 working pixels inside the hole on, 0 to 1; the
            rest is the coarse result.
        rim_detail: fraction at the boundary of the hole. The paper copies all detail everywhere, which looks
            crisper and costs error.
        rim: fade out steps along the boundary of the hole with a harmonic fill; the paper does not.

    Raises:
        MethodError: an option out of its range.
    """

    working_resolution: int = 512
    backend: str = "auto"
    upscaler: str = "auto"
    cut_px: float = CUT_PX
    overlap: float = OVERLAP
    detail: float = 1.0
    rim_detail: float = 0.4
    rim: bool = True

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
        if self.upscaler not in ("auto", *UPSCALERS):
            raise MethodError(f"upscaler is one of auto, {', '.join(UPSCALERS)}; got {self.upscaler!r}")
        if not 0.3 <= self.cut_px <= 10:
            raise MethodError(f"cut_px is between 0.3 and 10 working pixels; got {self.cut_px}")
        if not 0 <= self.overlap <= 0.25:
            raise MethodError(f"overlap is a fraction of a patch between 0 and 0.25; got {self.overlap}")
        for name, fraction in (("detail", self.detail), ("rim_detail", self.rim_detail)):
            if not 0 <= fraction <= 1:
                raise MethodError(f"{name} is a fraction between 0 and 1; got {fraction}")
