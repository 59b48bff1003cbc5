"""Pair of an image and its original, which every pairwise metric compares."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from _df8k.threads import allowed_cpus

from .errors import MetricError
from .weights import Store

Image = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
DEFAULT_MEMORY = 2 * 2**30
T = TypeVar("T")


@dataclass
class Pair:
    """Prediction, original and hole.

    Attributes:
        prediction: uint8 RGB ``(H, W, 3)``.
        target: uint8 RGB ``(H, W, 3)``, the original.
        mask: bool ``(H, W)``, ``True`` = missing.
        memory: bytes that metrics may use beyond these three arrays.
        device: torch device of the metrics that run a network.
        weights: where learned weights come from.
    """

    prediction: Image
    target: Image
    mask: Mask
    memory: int = DEFAULT_MEMORY
    device: str = "cpu"
    weights: Store = field(default_factory=Store)
    _shared: dict[Any, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        check_pair(self.prediction, self.target, self.mask)
        self.prediction = np.ascontiguousarray(self.prediction)
        self.target = np.ascontiguousarray(self.target)
        self.mask = np.ascontiguousarray(self.mask)

    def share(self, make: Callable[["Pair"], T]) -> T:
        """Compute something once for all the metrics that need it.

        Args:
            make: a module-level function of the pair; it is also the key.
        """
        if make not in self._shared:
            self._shared[make] = make(self)
        result: T = self._shared[make]
        return result


def check_pair(prediction: Image, target: Image, mask: Mask) -> None:
    """Check the arrays of one comparison.

    Raises:
        MetricError: wrong dtype, shape or rank, sizes that differ, or an empty image.
    """
    for name, image in (("prediction", prediction), ("target", target)):
        if (
            not isinstance(image, np.ndarray)
            or image.dtype != np.uint8
            or image.ndim != 3
            or image.shape[2] != 3
        ):
            raise MetricError(f"{name} must be uint8 RGB of shape (H, W, 3); got {_describe(image)}")
    if prediction.shape != target.shape:
        raise MetricError(
            f"prediction is {prediction.shape[1]} x {prediction.shape[0]} but target is {target.shape[1]} x "
            f"{target.shape[0]}: nothing is resized here, predictions must have the original's size"
        )
    if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.shape != target.shape[:2]:
        raise MetricError(
            f"mask must be bool of shape {target.shape[:2]} (True = missing); got {_describe(mask)}"
        )
    if target.size == 0:
        raise MetricError(f"the pictures are empty: shape {target.shape}")


def _describe(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape}"
    return type(value).__name__


def threads() -> int:
    """Count the threads that metrics use: ``OMP_NUM_THREADS`` where set, else the CPUs of this process."""
    setting = os.environ.get("OMP_NUM_THREADS", "")
    return int(setting) if setting.isdigit() and int(setting) > 0 else len(allowed_cpus())


def in_strips(work: Callable[[int, int], T], rows: int, height: int) -> list[T]:
    """Run ``work(first, last)`` over strips of rows, in parallel; results come back in order.

    The strips do not depend on the number of threads, so neither does any sum over them.
    """
    starts = range(0, rows, height)
    with ThreadPoolExecutor(threads()) as pool:
        return list(pool.map(lambda first: work(first, min(first + height, rows)), starts))
