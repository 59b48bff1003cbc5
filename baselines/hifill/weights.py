"""Weight files of HiFill: safetensors with the network's gates, licence and origin in the header."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors.torch import save
from torch import Tensor, nn

from _df8k.files import atomic_file
from df8k.baselines._safetensors import ordered
from df8k.baselines.base import MethodError

from .network.generator import Generator
from .stored import CRITIC, FORMAT, Stored, read_stored, shipped

_INITIAL_SPREAD = 0.05
_OPEN = 2.0
# Of the features that attention compares: its softmax then neither averages all cells nor picks one.
_CONTRAST = 1 / 8
_Network = TypeVar("_Network", bound=nn.Module)


@dataclass(frozen=True)
class Weights:
    """Generator with the origin of its numbers.

    Attributes:
        generator: ready for inference, on the CPU.
        sha256: hash of the weights file; ``None`` when they are random.
        licence: of the weights, as the file says.
        provenance: origin as the file says it; empty when the weights are random.
    """

    generator: Generator
    sha256: str | None
    licence: str
    provenance: dict[str, Any]

    @property
    def parameters(self) -> int:
        """Their number."""
        return sum(parameter.numel() for parameter in self.generator.parameters())

    @property
    def untrained(self) -> bool:
        """True where the weights are random."""
        return self.sha256 is None


def load_weights(path: Path | None = None) -> Weights:
    """Read weights, or make the deterministic random ones where there are none to read.

    Args:
        path: a file written by `save_weights`; ``None`` for the shipped file, if there is one.

    Raises:
        MethodError: the file is absent or is no HiFill weights file.
    """
    path = path or shipped()
    if path is None:
        return Weights(initialise(Generator()).eval(), None, "none (random weights)", {})
    return restored(path, read_stored(path))


def restored(path: Path, stored: Stored) -> Weights:
    """Make the generator of a file that was read.

    Raises:
        MethodError: its tensors are not those of a generator.
    """
    generator = Generator(
        coarse_gate=stored.coarse_gate,
        refine_gate=stored.refine_gate,
        start=stored.start,
        reduction=stored.reduction,
    )
    tensors = {name: torch.from_numpy(tensor) for name, tensor in stored.tensors.items()}
    _check(path, generator, tensors)
    generator.load_state_dict(tensors)
    return Weights(generator.eval(), stored.sha256, stored.licence, stored.provenance)


def _check(path: Path, generator: Generator, tensors: Mapping[str, Tensor]) -> None:
    expected = {name: tuple(tensor.shape) for name, tensor in generator.state_dict().items()}
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    if shapes == expected:
        return
    problems = [f"missing {name}" for name in expected.keys() - shapes.keys()]
    problems += [f"unexpected {name}" for name in shapes.keys() - expected.keys()]
    problems += [
        f"{name} has shape {shapes[name]} and not {expected[name]}"
        for name in expected.keys() & shapes.keys()
        if shapes[name] != expected[name]
    ]
    raise MethodError(f"{path} does not fit HiFill's generator: {listed(sorted(problems))}")


def listed(problems: list[str], limit: int = 5) -> str:
    """Join problems for a message, the first few in full."""
    more = f" and {len(problems) - limit} more" if len(problems) > limit else ""
    return "; ".join(problems[:limit]) + more


def save_weights(
    path: Path,
    generator: Generator,
    *,
    licence: str,
    provenance: Mapping[str, Any],
    critic: nn.Module | None = None,
    half: bool = False,
) -> None:
    """Write weights so that `load_weights` reads them; the file appears whole or not at all.

    Args:
        path: file to write; replaced where it exists.
        generator: its gates are stored with it.
        licence: SPDX expression of the weights.
        provenance: where they come from; must be JSON.
        critic: discriminator to keep beside them for further training.
        half: store in half precision.
    """
    stored = dict(generator.state_dict())
    if critic is not None:
        stored |= {f"{CRITIC}{name}": tensor for name, tensor in critic.state_dict().items()}
    dtype = torch.float16 if half else torch.float32
    tensors = {name: tensor.detach().to("cpu", dtype).contiguous() for name, tensor in stored.items()}
    header = {
        "format": FORMAT,
        "coarse_gate": generator.coarse_gate,
        "refine_gate": generator.refine_gate,
        "start": generator.start,
        "reduction": str(generator.reduction),
        "licence": licence,
        "provenance": json.dumps(provenance, sort_keys=True),
    }
    with atomic_file(path) as file:
        file.write(ordered(save(tensors, metadata=header)))


def initialise(network: _Network, seed: int = 0) -> _Network:
    """Set a network to the paper's initial state, the same on every machine.

    Kernels are normal with standard deviation 0.05, cut at two of them; biases are 0; each tensor's numbers
    depend on its name and the seed alone. The discriminator's dense layer is Glorot uniform.

    A generator that starts from a harmonic fill begins otherwise, so that it fills before it is trained. The
    last kernel of both stages is 0: it adds nothing. Other kernels have the spread sqrt(2 / inputs) and gates
    begin open, where the paper's state would fade over the eleven layers before the attention until all cells
    look alike.

    Args:
        network: a `Generator` or a `Discriminator`; changed in place.
        seed: another one gives other numbers.
    """
    harmonic = isinstance(network, Generator) and network.start == "membrane"
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            key = f"hifill/{seed}/{name}" if seed else f"hifill/{name}"
            number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") >> 1
            source = torch.Generator().manual_seed(number)
            if parameter.ndim == 4:
                spread = math.sqrt(2 / parameter[0].numel()) if harmonic else _INITIAL_SPREAD
                nn.init.trunc_normal_(parameter, 0.0, spread, -2 * spread, 2 * spread, generator=source)
            elif parameter.ndim == 2:
                nn.init.xavier_uniform_(parameter, generator=source)
            else:
                nn.init.constant_(parameter, _OPEN if harmonic and name.endswith("gate.bias") else 0.0)
        if isinstance(network, Generator) and harmonic:
            _start_smooth(network)
    return network


def _start_smooth(generator: Generator) -> None:
    for head in (generator.coarse["c_de_toRGB"], generator.refine["re_de_toRGB__256"]):
        nn.init.zeros_(head.get_parameter("feature.weight"))
    generator.refine["re_dil_d16"].get_parameter("feature.weight").mul_(_CONTRAST)
