"""Fold convolutions with their branches as `layers` does, in numpy: inference can then do without torch."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

Tensors = dict[str, npt.NDArray[np.float32]]

_EPSILON: Final = 1e-5  # of torch's BatchNorm2d
_FOLDED: Final = ("conv.", "norm.", "scale.", "scale_norm.", "skip.")


def folded_tensors(tensors: Mapping[str, npt.NDArray[np.generic]]) -> Tensors:
    """Fold the weights of a trainable network; those of a fused one come out as they are.

    Args:
        tensors: by name, as `save_network` writes them.

    Returns:
        The parameters of `layers.fuse`, bit for bit, under its names.

    Raises:
        KeyError: a tensor of a block is missing.
        ValueError: tensors of a block do not fit together.
    """
    plain = {name: np.asarray(tensor, np.float32) for name, tensor in tensors.items()}
    blocks = [name.removesuffix("norm.running_var") for name in plain if name.endswith(".norm.running_var")]
    ready: Tensors = {}
    for block in blocks:
        ready[f"{block}0.weight"], ready[f"{block}0.bias"] = _convolution(plain, block)
    for name, tensor in plain.items():
        home = next((block for block in blocks if name.startswith(block)), None)
        if home is None:
            ready[name] = tensor
        elif not (rest := name.removeprefix(home)).startswith(_FOLDED):
            ready[f"{home}1.{rest.removeprefix('after.')}"] = tensor
    return ready


def _convolution(tensors: Tensors, block: str) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Add up the branches of one block, in double precision."""
    weight, bias = _with_norm(tensors[f"{block}conv.weight"], tensors, f"{block}norm")
    middle = weight.shape[2] // 2
    if f"{block}scale.weight" in tensors:
        small, offset = _with_norm(tensors[f"{block}scale.weight"], tensors, f"{block}scale_norm")
        weight[:, :, middle, middle] += small[:, :, 0, 0]
        bias += offset
    if f"{block}skip.running_var" in tensors:
        identity = np.zeros(weight.shape)
        channels = np.arange(weight.shape[0])
        identity[channels, channels % weight.shape[1], middle, middle] = 1
        same, offset = _with_norm(identity, tensors, f"{block}skip")
        weight += same
        bias += offset
    return weight.astype(np.float32), bias.astype(np.float32)


def _with_norm(
    weight: npt.NDArray[np.floating], tensors: Tensors, norm: str
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    scale, shift, mean, variance = (
        tensors[f"{norm}.{name}"].astype(np.float64)
        for name in ("weight", "bias", "running_mean", "running_var")
    )
    factor = scale / np.sqrt(variance + _EPSILON)
    return weight.astype(np.float64) * factor[:, None, None, None], shift - mean * factor
