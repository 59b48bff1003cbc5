"""RETHINED as an inpainting method: image and mask in, image out; without torch where onnxruntime runs it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from df8k.baselines.base import Image, Mask, MethodCard, MethodError, check_inputs
from df8k.baselines.patchmatch.enlargement import Shifts, paint
from df8k.baselines.patchmatch.reduction import WorkingImage

from .matching.coherence import coherent_sources
from .matching.nearest import best_source, cell_shifts, copied_cells
from .options import Options
from .runtime.backends import open_network
from .tokens import Description, Pixels, Working, hole_tokens, reduce, valid_tokens
from .upscaling import paint_enlarged

if TYPE_CHECKING:
    from .network.model import Network
    from .network.weights import Loaded

_PAPER = "RETHINED: A New Benchmark and Baseline for Real-Time High-Resolution Image Inpainting, WACV 2025"
_ADDED_STAGES = ("harmonic start", "coherence")


@dataclass(frozen=True)
class Trace:
    """Stages of one run.

    Attributes:
        working: the image at the working resolution.
        coarse: float32 ``(h, w, 3)`` in [0, 1], padded as the working image.
        low: its low band.
        cells: the image in the cells that the two below are given in.
        result: uint8 ``(h, w, 3)``, the filled cells.
        shifts: int32 ``(h, w, 2)``, from missing cells to their sources; ``None`` where nothing is missing or
            nothing can be a source.
    """

    working: Working
    coarse: Pixels
    low: Pixels
    cells: WorkingImage
    result: Image
    shifts: Shifts | None


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
        weights: "str | Path | Loaded | None",
        options: Options,
    ) -> None:
        opened = open_network(
            name,
            weights,
            backend=options.backend,
            device=device,
            cut_px=options.cut_px,
            working_resolution=options.working_resolution,
        )
        self._backend = opened.backend
        self.model_seconds: float | None = None
        self._options = options
        self.card = MethodCard(
            name=name,
            version="7",
            summary="coarse network, NeuralPatchMatch, Attention Upscaling"
            + ("" if opened.sha256 else "; untrained"),
            source=_PAPER + "; deviations in docs/rethined.md",
            licence="Apache-2.0",
            parameters=opened.parameters,
            weights_sha256=opened.sha256,
            untrained=opened.sha256 is None,
            learning="ours" if opened.sha256 else "",
            added_stages=_ADDED_STAGES if options.coherence == "on" else _ADDED_STAGES[:1],
            settings={**asdict(options), "backend": self._backend.name},
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
        if not image.flags.c_contiguous:
            np.copyto(out, image)
            image = out
        working, description = self._seen(image, mask)
        with ThreadPoolExecutor(1) as pool:
            # Matching leaves a processor idle now and then.
            copying = None if out is image else pool.submit(np.copyto, out, image)
            trace = self._matched(working, description)
        if copying is not None:
            copying.result()
        self.finish(out, mask, trace)
        return out

    def trace(self, image: Image, mask: Mask) -> Trace:
        """Run everything at the working resolution; of ``image`` only known pixels are read."""
        return self._matched(*self._seen(image, mask))

    def _seen(self, image: Image, mask: Mask) -> tuple[Working, Description | None]:
        """Reduce the image and run the network, where anything is missing."""
        coherent = self._options.coherence == "on"
        working = reduce(image, mask, self._options.working_resolution, finer=coherent)
        self.model_seconds = None
        if not working.hole.any():
            return working, None
        start = perf_counter()
        description = self.describe(working)
        self.model_seconds = perf_counter() - start
        return working, description

    def _matched(self, working: Working, description: Description | None) -> Trace:
        if description is not None:
            return self.match(working, description)
        cells = working.cells
        return Trace(working, working.image, working.image, cells, _bytes(cells.image), None)

    def describe(self, working: Working) -> Description:
        """Run the network."""
        return self._backend(working)

    def match(self, working: Working, description: Description) -> Trace:
        """Choose the source of every missing cell, and fill the cells."""
        hole, valid = hole_tokens(working), valid_tokens(working)
        coarse, low = description.coarse, description.low
        shifts = np.zeros((*working.cells.hole.shape, 2), np.int32)
        if valid.size:
            source = best_source(description.queries, description.keys, hole, valid)
            shifts = cell_shifts(working, hole, source)
        filled, cells = None, working.cells
        if self._options.coherence == "on":
            options, cells = self._options, working.fine
            filled = coherent_sources(working, coarse, shifts, cut_px=options.cut_px, seed=options.seed)
        elif valid.size:
            filled = copied_cells(working, low, shifts), shifts
        if filled is None:
            height, width = working.cells.hole.shape
            return Trace(working, coarse, low, working.cells, _bytes(255 * coarse[:height, :width]), None)
        return Trace(working, coarse, low, cells, *filled)

    def finish(self, out: Image, mask: Mask, trace: Trace) -> None:
        """Write the hole of ``out``, which holds the known pixels, at full resolution."""
        working = trace.working
        if trace.shifts is not None:
            paint(out, mask, trace.cells, trace.result, trace.shifts)
        elif working.hole.any():
            # Without a source there is no detail: the coarse result, enlarged.
            paint_enlarged(out, mask, working, 255 * trace.coarse)


def _bytes(values: Pixels) -> Image:
    return np.asarray(np.rint(values).clip(0, 255), np.uint8)


def method_of(name: str, network: "Network", *, device: str, cut_px: float) -> Rethined:
    """Make the method with default options and a fused network in memory; for validation while it trains."""
    from .network.weights import Loaded

    options = Options(backend="torch", cut_px=cut_px)
    return Rethined(name, device=device, weights=Loaded(network, None, None), options=options)


def rethined(*, device: str = "cpu", weights: str | Path | None = None, **options: Any) -> Rethined:
    """Load RETHINED, 7.8 M parameters.

    Args:
        device: torch device of the network; matching and copying run on the CPU.
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
    from .network.model import build, fused
    from .network.weights import Loaded

    ready = Options.of(options)
    network = fused(build("rethined", cut_px=ready.cut_px))
    method = Rethined("rethined", device=device, weights=Loaded(network, None, None), options=ready)
    method.card = replace(method.card, name="rethined-untrained", control=True)
    return method
