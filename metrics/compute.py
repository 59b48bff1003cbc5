"""Metrics of one image, by name."""

from collections.abc import Iterable
from importlib import import_module

from _df8k.extras import naming_extras

from ._registry import get
from .errors import MetricError, UnavailableError
from .pair import DEFAULT_MEMORY, Image, Mask, Pair
from .regions import Undefined
from .spec import MetricSpec
from .weights import Store

_BYTES_PER_PIXEL = 6  # labels and pyramids; measured 4.0 with every metric at once
DEFAULT_NAMES = ("l1", "psnr", "ssim")


class Scores(dict[str, float | None]):
    """Values by key, such as ``psnr.hole``; ``None`` where there is no value.

    Attributes:
        reasons: for each key without a value, why: an undefined region or absent weights.
    """

    def __init__(self) -> None:
        super().__init__()
        self.reasons: dict[str, str] = {}


def compute(
    prediction: Image,
    target: Image,
    mask: Mask,
    *,
    names: str | Iterable[str] = DEFAULT_NAMES,
    memory: int = DEFAULT_MEMORY,
    device: str = "cpu",
    weights: Store | None = None,
    fetch_weights: bool = False,
) -> Scores:
    """Compare one image with its original.

    Args:
        prediction: uint8 RGB ``(H, W, 3)``.
        target: uint8 RGB ``(H, W, 3)``, the original.
        mask: bool ``(H, W)``, ``True`` = missing.
        names: one or several metrics of one image, as `metrics.list_metrics` lists them.
        memory: bytes that metrics may use beyond the three arrays.
        device: torch device of the metrics that run a network.
        weights: where learned weights come from; by default the user's store.
        fetch_weights: let the default store fetch absent weights; otherwise metrics that lack theirs have no
            value.

    Returns:
        A value for every key of every metric, in the order asked for. ``None`` stands where a region is empty
        or a metric is unavailable; ``.reasons`` says why. NaN and infinities never occur.

    Raises:
        MetricError: arrays of the wrong kind or size, an unknown name, the name of a distribution metric, or
            a memory budget that is too small for the image.

    Example:
        >>> import numpy as np
        >>> target = np.full((16, 16, 3), 100, np.uint8)
        >>> prediction, mask = target.copy(), np.zeros((16, 16), bool)
        >>> mask[4:8, 4:8] = True
        >>> prediction[mask] = 151
        >>> scores = compute(prediction, target, mask, names=["l1", "psnr"])
        >>> scores["l1.hole"], scores["l1.full"]
        (0.2, 0.0125)
    """
    specs = [_of_one_image(name) for name in ([names] if isinstance(names, str) else names)]
    store = weights or Store(fetch=fetch_weights)
    pair = Pair(prediction, target, mask, memory, device, store)
    least = _BYTES_PER_PIXEL * mask.size
    if memory < least:
        raise MetricError(
            f"a budget of {memory / 2**20:.0f} MiB is below the {least / 2**20:.0f} MiB that metrics take at "
            f"{mask.shape[1]} x {mask.shape[0]}: raise --memory"
        )
    scores = Scores()
    for spec in specs:
        _measure(spec, pair, scores)
    return scores


def _of_one_image(name: str) -> MetricSpec:
    spec = get(name)
    if spec.kind == "distribution":
        raise MetricError(f"{spec.name!r} compares sets of pictures, not one pair: use metrics.accumulate")
    return spec


def _measure(spec: MetricSpec, pair: Pair, scores: Scores) -> None:
    module, _, function = spec.target.partition(":")
    try:
        with naming_extras(spec.name, UnavailableError):
            values = getattr(import_module(module), function)(pair)
    except UnavailableError as error:
        values = {region: Undefined(f"unavailable: {error}") for region in spec.regions}
    for region in spec.regions:
        key, value = f"{spec.name}.{region}", values[region]
        if isinstance(value, Undefined):
            scores[key] = None
            scores.reasons[key] = value.reason
        else:
            scores[key] = value
