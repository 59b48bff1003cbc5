"""Weight files of HiFill: safetensors with the network's gates, licence and origin in the header."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from _df8k.bounded import parse_json
from _df8k.files import atomic_file
from df8k.baselines._registry import shipped_path
from df8k.baselines._safetensors import ordered
from df8k.baselines.base import MethodError

from .network.generator import REDUCTIONS, STARTS, Generator, Start
from .network.layers import GATES, Gate

FORMAT: Final = "hifill/1"
CRITIC: Final = "critic."
SHIPPED: Final = shipped_path("hifill")

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
    if path is None:
        if not SHIPPED.is_file():
            return Weights(initialise(Generator()).eval(), None, "none (random weights)", {})
        path = SHIPPED
    if not path.is_file():
        raise MethodError(f"no weights file at {path}: give one that 'df8k weights convert-hifill' wrote")
    tensors, header = _read(path)
    generator = Generator(
        coarse_gate=_gate(path, header, "coarse"),
        refine_gate=_gate(path, header, "refine"),
        start=_start(path, header),
        reduction=_reduction(path, header),
    )
    _check(path, generator, tensors)
    generator.load_state_dict(tensors)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    provenance = parse_json(header.get("provenance", "{}"), f"{path}, provenance", MethodError)
    return Weights(generator.eval(), digest, header.get("licence", "unknown"), provenance)


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(str(path), framework="pt") as file:
            header = file.metadata() or {}
            names = [name for name in file.keys() if not name.startswith(CRITIC)]  # noqa: SIM118 - no mapping
            tensors = {name: file.get_tensor(name).float() for name in names}
    except (SafetensorError, OSError, RuntimeError, ValueError, TypeError) as error:
        raise MethodError(
            f"{path} is no safetensors file ({error}): "
            "convert original weights with 'df8k weights convert-hifill'"
        ) from error
    if header.get("format") != FORMAT:
        raise MethodError(
            f"{path} holds format {header.get('format')!r}, expected {FORMAT!r}: "
            "convert original weights with 'df8k weights convert-hifill'"
        )
    return tensors, header


def _gate(path: Path, header: Mapping[str, str], stage: str) -> Gate:
    name = header.get(f"{stage}_gate")
    for gate in GATES:
        if gate == name:
            return gate
    raise MethodError(f"{path} names the {stage} gate {name!r}: expected one of {', '.join(GATES)}")


def _start(path: Path, header: Mapping[str, str]) -> Start:
    name = header.get("start", "zeros")  # files from before there was a choice have the paper's
    for start in STARTS:
        if start == name:
            return start
    raise MethodError(f"{path} names the start {name!r}: expected one of {', '.join(STARTS)}")


def _reduction(path: Path, header: Mapping[str, str]) -> int:
    number = header.get("reduction", str(REDUCTIONS[0]))  # as for the start
    for reduction in REDUCTIONS:
        if str(reduction) == number:
            return reduction
    raise MethodError(
        f"{path} names the reduction {number!r}: expected one of {', '.join(map(str, REDUCTIONS))}"
    )


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
