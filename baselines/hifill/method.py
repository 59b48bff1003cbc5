"""HiFill as a registered method."""

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

from df8k.baselines.base import Image, Mask, MethodCard, MethodError, check_inputs

from .inference.clean import fill_clean
from .inference.prediction import Runner
from .inference.shipped_graph import GraphRunner, fits
from .stored import Stored, read_stored, shipped

if TYPE_CHECKING:
    from .weights import Weights

BACKENDS: Final = ("auto", "onnxruntime", "torch")
Mode = Literal["clean", "demo", "graph"]
MODES: Final[tuple[Mode, ...]] = get_args(Mode)

# What the paper has not, in the pipeline of weights that start from a harmonic fill.
_ADDED_STAGES: Final = (
    "harmonic start",
    "means instead of every second pixel",
    "one coherent source instead of a mixture",
    "likeness of colour and detail",
    "Poisson blending",
)
_SOURCE = "Yi et al., Contextual Residual Aggregation for Ultra High-Resolution Image Inpainting, CVPR 2020"


class HiFill:
    """Contextual residual aggregation around HiFill's generator; see `baselines.Inpainter`.

    Args:
        weights: generator and origin of its numbers; `Stored` ones run on onnxruntime.
        device: torch device string.
        mode: ``clean`` (see `fill_clean`), or one of the public pipelines ``demo`` and ``graph`` (see
            `inference.official` for what they do to a benchmark).
        scale: side of the public pipelines' square in units of 512 pixels; ``None`` for the least that
            reaches the picture's longer side. ``clean`` has its scale from the picture.
        residual: aggregate the residual, the paper's idea; ``clean`` can do without, for its ablation.

    Raises:
        MethodError: unknown mode, or a scale that the mode cannot use.
    """

    def __init__(
        self,
        weights: "Weights | Stored",
        *,
        device: str = "cpu",
        mode: Mode = "clean",
        scale: int | None = None,
        residual: bool = True,
    ) -> None:
        if mode not in MODES:
            raise MethodError(f"unknown mode {mode!r}: expected one of {', '.join(MODES)}")
        if scale is not None and (mode == "clean" or scale < 1):
            raise MethodError(
                f"scale {scale} does not go with mode {mode!r}: 'demo' and 'graph' take a whole number "
                "from 1, 'clean' works at the picture's own size"
            )
        if not residual and mode != "clean":
            raise MethodError(f"mode {mode!r} always aggregates the residual: residual=False needs 'clean'")
        self._network = _runner(weights, device)
        self._mode: Mode = mode
        self._scale, self._residual = scale, residual
        self.card = _card(weights, mode, scale, residual=residual)

    def __call__(self, image: Image, mask: Mask) -> Image:
        """Fill the hole; see `baselines.Inpainter`."""
        check_inputs(image, mask)
        self._network.seconds = None
        if self._mode == "clean" or not mask.any():
            return fill_clean(image, mask, self._network, residual=self._residual)
        from .inference.official import fill_official, official_scale

        scale = official_scale(image) if self._scale is None else self._scale
        return fill_official(image, mask, self._network, self._mode, scale)

    @property
    def model_seconds(self) -> float | None:
        """Seconds of the last call inside the network; ``None`` where nothing was missing."""
        return self._network.seconds


def _runner(weights: "Weights | Stored", device: str) -> Runner:
    if isinstance(weights, Stored):
        return GraphRunner(weights)
    from .inference.runner import GeneratorRunner

    return GeneratorRunner(weights.generator, device)


def _card(weights: "Weights | Stored", mode: Mode, scale: int | None, *, residual: bool) -> MethodCard:
    generator = weights if isinstance(weights, Stored) else weights.generator
    mark = " (untrained: random weights)" if weights.untrained else ""
    return MethodCard(
        name="hifill",
        version="1-untrained" if weights.untrained else "1",
        summary=f"contextual residual aggregation, {mode} pipeline{mark}",
        source=_SOURCE,
        licence=f"Apache-2.0; weights: {weights.licence}",
        parameters=weights.parameters,
        weights_sha256=weights.sha256,
        untrained=weights.untrained,
        added_stages=_ADDED_STAGES if mode == "clean" and generator.start == "membrane" else (),
        learning="" if weights.untrained else "official" if "publisher" in weights.provenance else "ours",
        settings={
            "mode": mode,
            "scale": "from the picture" if scale is None else scale,
            "coarse_gate": generator.coarse_gate,
            "refine_gate": generator.refine_gate,
            "start": generator.start,
            "reduction": generator.reduction,
            "residual": residual,
        },
    )


def hifill(
    *,
    device: str = "cpu",
    weights: str | Path | None = None,
    mode: Mode = "clean",
    scale: int | None = None,
    residual: bool = True,
    backend: str = "auto",
) -> HiFill:
    """Load HiFill.

    Args:
        device: torch device string.
        weights: file that ``df8k weights convert-hifill`` or training wrote; ``None`` for the shipped ones,
            or for random ones (and a card that says ``untrained``) where none are shipped.
        mode: ``clean``, ``demo`` or ``graph``; see `HiFill`.
        scale: see `HiFill`.
        residual: see `HiFill`.
        backend: ``torch``; ``onnxruntime``, without torch, for ``clean`` on the CPU with weights of the
            shipped ones' architecture; ``auto`` takes that where it can.

    Raises:
        MethodError: bad weights file, device, mode, scale or backend.
    """
    if backend not in BACKENDS:
        raise MethodError(f"no backend is called {backend!r}: known: {', '.join(BACKENDS)}")
    path = shipped() if weights is None else Path(weights)
    loaded: Weights | Stored | None = None
    if path is not None and backend != "torch" and device == "cpu" and mode == "clean":
        stored = read_stored(path)
        loaded = stored if fits(stored) else None
    if loaded is None and backend == "onnxruntime":
        raise MethodError(
            "the backend onnxruntime runs mode 'clean' on the CPU with weights of the shipped ones' "
            "architecture: choose torch"
        )
    if loaded is None:
        from .weights import load_weights

        loaded = load_weights(path)
    return HiFill(loaded, device=device, mode=mode, scale=scale, residual=residual)
