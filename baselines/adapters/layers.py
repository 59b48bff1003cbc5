"""Find the layer at which two ONNX files of one network begin to differ."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from df8k.baselines.base import MethodFailedError

_SECONDS: Final = 600.0
# Relative error of a tensor that neither another order of summation nor a fused layer gives.
TOLERANCE: Final = 1e-3


@dataclass(frozen=True)
class Layer:
    """Tensor of both files.

    Attributes:
        name: of the node that makes it.
        operator: of that node.
        error: norm of the difference over the norm of the reference.
        before: the largest such error among its inputs.
    """

    name: str
    operator: str
    error: float
    before: float


def compare_layers(reference: Path, candidate: Path) -> list[Layer]:
    """Run both files on the same random numbers, in a process of their own, and compare shared tensors.

    Args:
        reference: ONNX file.
        candidate: another form of the network, whose tensors keep their names.

    Returns:
        Tensors that both name, in the order of the reference; none where the names have nothing in common.

    Raises:
        MethodFailedError: a file cannot be run.
    """
    module = "df8k.baselines.adapters.isolation.layers"
    command = [sys.executable, "-P", "-m", module, str(reference), str(candidate)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as error:
        raise MethodFailedError("timeout", f"{reference} and {candidate} took over {_SECONDS:g} s") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason told"])[-1]
        raise MethodFailedError("error", f"{reference} and {candidate} cannot be compared: {last}")
    return [Layer(**row) for row in json.loads(done.stdout)]


def first_difference(layers: list[Layer], tolerance: float = TOLERANCE) -> Layer | None:
    """Find the first tensor that differs though its inputs agree; ``None`` where there is none."""
    return next((layer for layer in layers if layer.error > tolerance >= layer.before), None)
