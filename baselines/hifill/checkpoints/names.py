"""Map from the tensors of this package to the official TensorFlow variables and the MindSpore port's."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from df8k.baselines.hifill.network.generator import COARSE, REFINE, Layer

Floats = npt.NDArray[np.float32]


class Source(NamedTuple):
    """Origin of a tensor in other checkpoints.

    Attributes:
        tensorflow: variable in the official checkpoint.
        mindspore: parameter of the MindSpore port; ``None`` for the critic, which it does not publish.
        shape: shape in TensorFlow's layout (height, width, in, out).
    """

    tensorflow: str
    mindspore: str | None
    shape: tuple[int, ...]


_MINDSPORE_COARSE = ((1, 3), (2, 3), (3, 3), (4, 5), (5, 4), (6, 2), (7, 3), (8, 3))
_MINDSPORE_REFINE: Final = (
    *(f"refinement{block}.{i}" for block in (1, 2, 3) for i in (0, 1)),
    "refinement4",
    *(f"refinement{block}.{i}" for block in (5, 6) for i in (0, 1)),
    "conv_att1",
    "conv_att2",
    *(f"refinement7.{i}" for i in (0, 1)),
    *(f"apply_attention1.conv_pl2.{i}" for i in (0, 1)),
    *(f"refinement8.{i}" for i in (0, 1)),
    *(f"apply_attention2.conv_pl1.{i}" for i in (0, 1)),
    "refinement9",
)

SCRATCH: Final = ("contextual_attention.", "apply_attention1.", "apply_attention2.")
"""Prefixes under which the MindSpore port also stores work buffers and layers that it never runs."""


def _tensorflow_scope(layer: Layer) -> str:
    return f"generator/{layer.name}/{layer.name}_conv" if layer.upsample else f"generator/{layer.name}"


def _mindspore_scope(layer: Layer, scope: str) -> str:
    return f"{scope}.gate_conv2d" if layer.upsample else scope


def _generator() -> dict[str, Source]:
    table: dict[str, Source] = {}
    scopes = [f"coarse.coarse{block}.{i}" for block, count in _MINDSPORE_COARSE for i in range(count)]
    for layer, scope in zip(COARSE, scopes, strict=True):
        tensor, official = f"coarse.{layer.name}", _tensorflow_scope(layer)
        port = _mindspore_scope(layer, scope)
        k, cin, cout = layer.kernel, layer.channels_in, layer.channels_out
        table |= _pair(
            f"{tensor}.feature", f"{official}_feat", ("w", "biases"), f"{port}.conv2d", (k, k, cin, cout)
        )
        gate = f"{port}.gate_factor.single_channel_conv"
        table |= _pair(f"{tensor}.gate", f"{official}_gate", ("w", "biases"), gate, (k, k, cin, 1))
    for layer, scope in zip(REFINE, _MINDSPORE_REFINE, strict=True):
        tensor, official = f"refine.{layer.name}", _tensorflow_scope(layer)
        port = _mindspore_scope(layer, scope)
        k, cin, cout = layer.kernel, layer.channels_in, layer.channels_out
        table |= _pair(f"{tensor}.feature", official, ("w", "biases"), f"{port}.conv2d", (k, k, cin, cout))
        gate = f"{port}.gate_factor.ds_conv"
        table |= _pair(f"{tensor}.gate", official, ("pw", "ds_biases"), gate, (1, 1, cin, cout))
    return table


def _pair(
    tensor: str, official: str, leaves: tuple[str, str], port: str | None, shape: tuple[int, ...]
) -> dict[str, Source]:
    return {
        f"{tensor}.weight": Source(f"{official}/{leaves[0]}", f"{port}.weight" if port else None, shape),
        f"{tensor}.bias": Source(f"{official}/{leaves[1]}", f"{port}.bias" if port else None, shape[-1:]),
    }


def _discriminator() -> dict[str, Source]:
    channels = (3, 64, 128, 256, 256, 256, 256)
    table: dict[str, Source] = {}
    for i in range(6):
        shape = (5, 5, channels[i], channels[i + 1])
        table |= _pair(f"convs.{i}", f"discriminator/conv{i + 1}", ("w", "biases"), None, shape)
    return table | _pair("linear", "discriminator/linear", ("kernel", "bias"), None, (16384, 1))


GENERATOR: Final[dict[str, Source]] = _generator()
"""Tensors of the generator with the released gates (``sc``, ``pw``), in the order in which they run."""

DISCRIMINATOR: Final[dict[str, Source]] = _discriminator()
"""Tensors of the discriminator."""
