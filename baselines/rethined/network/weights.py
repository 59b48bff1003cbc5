"""Weights of the network: loaded, checked, saved."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import safetensors
import safetensors.torch

from _df8k.files import atomic_file
from df8k.baselines._registry import shipped_path
from df8k.baselines._safetensors import ordered
from df8k.baselines.base import MethodError

from .layers import Dense, RepConv
from .model import SIZES, Network, build, fused

_SHIPPED = {name: shipped_path(name) for name in SIZES}


@dataclass(frozen=True)
class Loaded:
    """Network ready for inference.

    Attributes:
        network: fused, fp32, on the CPU.
        sha256: of the weights file; ``None`` without one.
        source: the file, or ``None`` for the seeded start of a fresh network.
    """

    network: Network
    sha256: str | None
    source: Path | None


def load_network(name: str, weights: str | Path | None, *, cut_px: float) -> Loaded:
    """Load the fused network of a registered size.

    Args:
        name: a name of `SIZES`.
        weights: safetensors file as `save_network` writes it; ``None`` for the shipped one, and where none is
            shipped for the deterministic start of an untrained network.
        cut_px: frequency cut in working pixels.

    Raises:
        MethodError: the file is absent, is no safetensors file, or belongs to another network.
    """
    path = Path(weights) if weights is not None else _SHIPPED[name]
    network = build(name, cut_px=cut_px)
    if weights is None and not path.exists():
        return Loaded(fused(network), None, None)
    ready = _restored(network, name, path)
    return Loaded(ready, hashlib.sha256(path.read_bytes()).hexdigest(), path)


def restore_network(network: Network, name: str, path: Path) -> None:
    """Load weights in the trainable form into a network, to train on.

    Raises:
        MethodError: as `load_network`, or the file holds the fused form.
    """
    if _restored(network, name, path, trainable=True) is not network:
        raise MethodError(f"{path} holds the fused form: training goes on from the trainable one alone")


def _restored(network: Network, name: str, path: Path, *, trainable: bool = False) -> Network:
    try:
        tensors = safetensors.torch.load_file(path)
        with safetensors.safe_open(path, framework="pt") as file:
            form = (file.metadata() or {}).get("form", "trainable")
    except (OSError, safetensors.SafetensorError, RuntimeError, ValueError, TypeError) as error:
        raise MethodError(f"cannot read the weights {path}: {error}") from error
    target = fused(network) if form == "fused" else network
    tensors = {
        key: tensor.float() if tensor.is_floating_point() else tensor for key, tensor in tensors.items()
    }
    try:
        target.load_state_dict(tensors)
    except RuntimeError as error:
        expected = f"{name} ({form}, {sum(p.numel() for p in target.parameters()):,} parameters)"
        raise MethodError(f"{path} holds the weights of another network than {expected}") from error
    return target if trainable or form == "fused" else fused(network)


def save_network(
    network: Network, path: str | Path, *, half: bool = False, provenance: Mapping[str, str] | None = None
) -> None:
    """Write weights atomically; fused and trainable networks alike, the form is noted in the file.

    Args:
        network: fused or not.
        path: file to write.
        half: store float16; outputs then differ by about 0.1 grey level.
        provenance: text to keep in the file's header.
    """
    path = Path(path)
    form = (
        "trainable" if any(isinstance(module, RepConv | Dense) for module in network.modules()) else "fused"
    )
    tensors = {key: value.detach().cpu().contiguous() for key, value in network.state_dict().items()}
    if half:
        tensors = {k: v.half() if v.is_floating_point() else v for k, v in tensors.items()}
    data = ordered(safetensors.torch.save(tensors, metadata={"form": form, **(provenance or {})}))
    with atomic_file(path) as file:
        file.write(data)
