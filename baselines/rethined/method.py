"""RETHINED as an inpainting method: image and mask in, image out."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from baselines._clock import now
from baselines.base import Image, Mask, MethodCard, MethodError, check_inputs

from .matching.amplitude import expected_amplitude, measured_amplitude
from .matching.coherence import coherent_sources
from .matching.context import context
from .matching.nearest import best_source
from .matching.problem import MatchProblem
from .network.model import Analysis, Network, build, fused
from .network.weights import Loaded, load_network
from .options import Options
from .runtime.backends import make_backend
from .tokens import Pixels, Tokens, Working, hole_tokens, reduce, valid_tokens
from .upscaling.boundary import soften_boundary
from .upscaling.detail_fraction import attenuation, detail_fractions
from .upscaling.enlarge import paint_enlarged
from .upscaling.plan import TransferPlan, plan_transfer

_PAPER = "RETHINED: A New Benchmark and Baseline for Real-Time High-Resolution Image Inpainting, WACV 2025"
_ADDED_STAGES = (
    "harmonic start",
    "strength prior",
    "surroundings",
    "coherence",
    "fractions of detail",
    "boundary",
)


@dataclass(frozen=True)
class Trace:
    """Stages of one run.

    Attributes:
        working: the image at the working resolution.
        coarse: float32 ``(h, w, 3)`` in [0, 1].
        low: its low band.
        hole: int64 ``(n,)``, tokens of the hole.
        source: int64 ``(n,)``, the token each takes its detail from; empty when nothing can be a source.
        fraction: float32 ``(n,)``, of that detail, about as strong as the surroundings promise.
    """

    working: Working
    coarse: Pixels
    low: Pixels
    hole: Tokens
    source: Tokens
    fraction: Pixels


class Rethined:
    """RETHINED; made by `rethined` and `rethined_large`.

    Attributes:
        model_seconds: of the last call inside the network; ``None`` where nothing was missing.
    """

    def __init__(
        self,
        name: str,
        *,
        device: str,
        weights: str | Path | Loaded | None,
        options: Options,
    ) -> None:
        loaded = weights
        if not isinstance(loaded, Loaded):
            loaded = load_network(name, loaded, cut_px=options.cut_px)
        self._backend = make_backend(loaded.network, options.backend, device, options.working_resolution)
        self._device = torch.device(device)
        self.model_seconds: float | None = None
        self._options = options
        upscaler = options.upscaler
        if upscaler == "auto":
            upscaler = "torch" if self._device.type == "cuda" else "numba"
        self._transfer = _transfer(upscaler, self._device)
        self.card = MethodCard(
            name=name,
            version="1",
            summary="coarse network, NeuralPatchMatch, Attention Upscaling"
            + ("" if loaded.sha256 else "; untrained"),
            source=_PAPER + "; deviations in docs/rethined.md",
            licence="Apache-2.0",
            parameters=sum(parameter.numel() for parameter in loaded.network.parameters()),
            weights_sha256=loaded.sha256,
            untrained=loaded.sha256 is None,
            learning="ours" if loaded.sha256 else "",
            added_stages=_ADDED_STAGES,
            settings={**asdict(options), "backend": self._backend.name, "upscaler": upscaler},
        )

    def __call__(self, image: Image, mask: Mask, out: Image | None = None) -> Image:
        """Fill the hole; see `baselines.Inpainter`.

        Args:
            image: uint8 RGB ``(H, W, 3)``.
            mask: bool ``(H, W)``.
            out: where to write; ``image`` itself works in place, ``None`` allocates.
        """
        check_inputs(image, mask)
        if out is not None and (
            out.shape != image.shape or out.dtype != np.uint8 or not out.flags.c_contiguous
        ):
            raise MethodError(
                f"out must be contiguous uint8 of shape {image.shape}; got {out.dtype} {out.shape}"
            )
        mask = np.ascontiguousarray(mask)
        if out is None:
            out = np.empty(image.shape, np.uint8)
        if out is not image:
            np.copyto(out, image)
        trace = self.trace(out, mask)
        if trace.hole.size:
            self.finish(out, mask, trace)
        return out

    def trace(self, image: Image, mask: Mask) -> Trace:
        """Run everything at the working resolution."""
        working = reduce(image, mask, self._options.working_resolution)
        hole = hole_tokens(working)
        self.model_seconds = None
        if not hole.size:
            nothing = np.empty(0, np.int64)
            return Trace(working, working.image, working.image, nothing, nothing, np.empty(0, np.float32))
        start = now(self._device)
        analysis = self._backend(working)
        self.model_seconds = now(self._device) - start
        return self.match(image, working, analysis)

    def match(self, image: Image, working: Working, analysis: Analysis) -> Trace:
        """Choose the source of every token of the hole; of ``image`` only valid tokens are read."""
        hole, valid = hole_tokens(working), valid_tokens(working)
        source, fraction = np.empty(0, np.int64), np.empty(0, np.float32)
        coarse, low = (tensor[0].permute(1, 2, 0).cpu().numpy() for tensor in analysis[:2])
        if valid.size:
            amplitude = measured_amplitude(image, valid, working.tokens[1], working.scale)
            expected = expected_amplitude(amplitude, hole, valid, working.tokens)
            problem = MatchProblem(
                queries=analysis.queries[0],
                keys=analysis.keys[0],
                hole=hole,
                valid=valid,
                source_amplitude=amplitude,
                expected_amplitude=expected,
                context=context(working, low),
                grid=working.tokens,
            )
            source = coherent_sources(problem, best_source(problem))
            fraction = attenuation(amplitude[np.searchsorted(valid, source)], expected)
        return Trace(working, coarse, low, hole, source, fraction)

    def finish(self, out: Image, mask: Mask, trace: Trace) -> None:
        """Write the hole of ``out``, which holds the known pixels, at full resolution."""
        working = trace.working
        if trace.source.size:
            self._transfer(out, mask, self.plan(trace))
        else:
            # Without a source there is no detail: the coarse result, enlarged.
            paint_enlarged(out, mask, working, 255 * trace.coarse, 0.0)
        if self._options.rim:
            soften_boundary(out, mask, working)

    def plan(self, trace: Trace) -> TransferPlan:
        """Plan the transfer of the detail."""
        working, options = trace.working, self._options
        fractions = detail_fractions(working, trace.hole, options.rim_detail, options.detail)
        return plan_transfer(
            working.scale,
            trace.low,
            trace.hole,
            trace.source,
            working.tokens,
            options.overlap,
            detail=trace.fraction * fractions,
            coarse=trace.coarse,
        )


def _transfer(upscaler: str, device: torch.device) -> Callable[[Image, Mask, TransferPlan], None]:
    if upscaler == "torch":
        from .upscaling.transfer_torch import transfer_torch

        return partial(transfer_torch, device=device)
    if upscaler == "opencv":
        from .upscaling.transfer_opencv import transfer_opencv

        return transfer_opencv
    from .upscaling.transfer_numba import transfer_numba

    return transfer_numba


def method_of(name: str, network: Network, *, device: str, cut_px: float) -> Rethined:
    """Make the method with default options and a fused network in memory; for validation while it trains."""
    options = Options(backend="torch", cut_px=cut_px)
    return Rethined(name, device=device, weights=Loaded(network, None, None), options=options)


def rethined(*, device: str = "cpu", weights: str | Path | None = None, **options: Any) -> Rethined:
    """Load RETHINED, 7.8 M parameters.

    Args:
        device: torch device of the network, and of the upscaling where ``upscaler`` is torch.
        weights: safetensors file; ``None`` for the shipped weights, where there are none an untrained
            network.
        **options: see `Options`.

    Raises:
        MethodError: an option out of its range, unreadable weights, an unusable device or backend.
    """
    return Rethined("rethined", device=device, weights=weights, options=Options.of(options))


def rethined_large(*, device: str = "cpu", weights: str | Path | None = None, **options: Any) -> Rethined:
    """Load the large RETHINED, 29.4 M parameters; as `rethined`."""
    return Rethined("rethined-large", device=device, weights=weights, options=Options.of(options))


def rethined_untrained(*, device: str = "cpu", **options: Any) -> Rethined:
    """Load the control of `rethined`: the same method on the fixed random start of its network.

    Args:
        device: see `rethined`.
        **options: see `Options`.

    Raises:
        MethodError: see `rethined`.
    """
    ready = Options.of(options)
    network = fused(build("rethined", cut_px=ready.cut_px))
    method = Rethined("rethined", device=device, weights=Loaded(network, None, None), options=ready)
    method.card = replace(method.card, name="rethined-untrained", control=True)
    return method
