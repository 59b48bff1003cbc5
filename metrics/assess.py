"""Metrics of a filled image whose original nobody has."""

from collections.abc import Iterable

from ._registry import get
from .compute import Scores, compute
from .errors import MetricError
from .pair import DEFAULT_MEMORY, Image, Mask

DEFAULT_NAMES = ("surroundings",)


def assess(
    prediction: Image, mask: Mask, *, names: Iterable[str] = DEFAULT_NAMES, memory: int = DEFAULT_MEMORY
) -> Scores:
    """Measure a filled image without its original.

    Args:
        prediction: uint8 RGB ``(H, W, 3)``, filled.
        mask: bool ``(H, W)``, ``True`` = filled.
        names: metrics of the kind ``no-reference``.
        memory: bytes that metrics may use beyond the two arrays.

    Returns:
        A value for every key, as `metrics.compute` answers.

    Raises:
        MetricError: arrays of the wrong kind or size, an unknown name, or a metric that needs an original.

    Example:
        >>> import numpy as np
        >>> image, mask = np.full((64, 64, 3), 100, np.uint8), np.zeros((64, 64), bool)
        >>> mask[16:48, 16:48] = True
        >>> assess(image, mask)["surroundings.hole"]
        0.0
    """
    chosen = [names] if isinstance(names, str) else list(names)
    for name in chosen:
        spec = get(name)
        if spec.kind != "no-reference":
            raise MetricError(f"{spec.name!r} needs originals; without them: {', '.join(DEFAULT_NAMES)}")
    return compute(prediction, prediction, mask, names=chosen, memory=memory)
