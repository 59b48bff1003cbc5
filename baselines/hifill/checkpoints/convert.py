"""From the published weight files to ours."""

import hashlib
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from df8k.baselines.base import MethodError
from df8k.baselines.hifill.network.discriminator import Discriminator
from df8k.baselines.hifill.network.generator import Generator
from df8k.baselines.hifill.weights import listed, save_weights

from .frozen_graph import read_frozen_graph
from .mindspore_checkpoint import read_mindspore
from .names import DISCRIMINATOR, GENERATOR, Floats, Source
from .tensorflow_checkpoint import masked_crc32c, official_variables, read_checkpoint

_Network = TypeVar("_Network", bound=nn.Module)
_READERS: Final[dict[str, tuple[Callable[[Path], dict[str, Floats]], str, str]]] = {
    "tensorflow-checkpoint": (read_checkpoint, "MIT", "github.com/duxingren14/Hifill-tensorflow"),
    "frozen-graph": (
        read_frozen_graph,
        "BSD-3-Clause",
        "github.com/Atlas200dk/sample-imageinpainting-HiFill",
    ),
    "mindspore-checkpoint": (read_mindspore, "Apache-2.0", "MindSpore's re-implementation of CRA"),
}


@dataclass(frozen=True)
class Converted:
    """Networks with published weights.

    Attributes:
        generator: the generator.
        critic: the discriminator, where the file holds it.
        licence: of the publication that files of this kind come from.
        provenance: kind, name and hash of the file, its publisher, and whether the numbers are those of the
            released checkpoint.
    """

    generator: Generator
    critic: Discriminator | None
    licence: str
    provenance: dict[str, Any]

    def save(self, path: Path, *, with_critic: bool = False) -> None:
        """Write a file that ``baselines.load("hifill", weights=...)`` reads.

        Args:
            path: file to write.
            with_critic: keep the discriminator for further training.

        Raises:
            MethodError: the discriminator is asked for and was not in the source.
        """
        if with_critic and self.critic is None:
            raise MethodError(f"{self.provenance['file']} holds no discriminator: convert without it")
        critic = self.critic if with_critic else None
        save_weights(path, self.generator, licence=self.licence, provenance=self.provenance, critic=critic)


def convert(path: Path) -> Converted:
    """Read published weights of any known kind.

    Args:
        path: the official TensorFlow checkpoint (folder, prefix, data or index file), a frozen ``.pb`` graph,
            or the MindSpore port's ``.ckpt``.

    Raises:
        MethodError: the file is absent, damaged, or holds other tensors than HiFill's.
    """
    kind = _kind(path)
    read, licence, publisher = _READERS[kind]
    try:
        tensors = read(path)
    except MethodError:
        raise
    except (ValueError, IndexError, KeyError, struct.error) as error:  # what damaged bytes look like to numpy
        raise MethodError(f"{path} is damaged: {error}; fetch it again") from error
    with_critic = any(source.tensorflow in tensors for source in DISCRIMINATOR.values())
    expected = [*GENERATOR.values(), *(DISCRIMINATOR.values() if with_critic else ())]
    _check(path, tensors, expected)
    provenance = {
        "kind": kind,
        "file": path.name,
        "publisher": publisher,
        "tensors_sha256": _digest(tensors, expected),
        "is_released_checkpoint": _is_released(tensors),
    }
    generator = _filled(Generator(), GENERATOR, tensors)
    critic = _filled(Discriminator(), DISCRIMINATOR, tensors) if with_critic else None
    return Converted(generator, critic, licence, provenance)


def _kind(path: Path) -> str:
    if path.suffix == ".pb":
        kind = "frozen-graph"
    elif path.suffix == ".ckpt":
        kind = "mindspore-checkpoint"
    else:
        return "tensorflow-checkpoint"
    if not path.is_file():
        raise MethodError(f"no file at {path}")
    return kind


def _check(path: Path, tensors: Mapping[str, Floats], expected: Iterable[Source]) -> None:
    shapes = {source.tensorflow: source.shape for source in expected}
    problems = [f"missing {name}" for name in shapes.keys() - tensors.keys()]
    problems += [f"unexpected {name}" for name in tensors.keys() - shapes.keys()]
    for name in sorted(shapes.keys() & tensors.keys()):
        if tensors[name].shape != shapes[name]:
            problems.append(f"{name} has shape {tensors[name].shape} and not {shapes[name]}")
        elif not np.isfinite(tensors[name]).all():
            problems.append(f"{name} holds values that are not finite")
    if problems:
        raise MethodError(f"{path} does not hold HiFill's weights: {listed(sorted(problems))}")


def _filled(network: _Network, table: Mapping[str, Source], tensors: Mapping[str, Floats]) -> _Network:
    network.load_state_dict({name: to_torch(tensors[source.tensorflow]) for name, source in table.items()})
    return network.eval()


def to_torch(array: Floats) -> Tensor:
    """Bring an array from TensorFlow's axis order, (h, w, in, out) or (in, out), to torch's."""
    return torch.from_numpy(np.ascontiguousarray(array.transpose((3, 2, 0, 1) if array.ndim == 4 else None)))


def _digest(tensors: Mapping[str, Floats], expected: Iterable[Source]) -> str:
    digest = hashlib.sha256()
    for name in sorted(source.tensorflow for source in expected):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(tensors[name], "<f4").tobytes())
    return digest.hexdigest()


def _is_released(tensors: Mapping[str, Floats]) -> bool:
    """Compare the generator's numbers with the checksums of the released checkpoint."""
    released = official_variables()
    return all(
        masked_crc32c(np.ascontiguousarray(tensors[source.tensorflow], "<f4").view(np.uint8).ravel())
        == released[source.tensorflow].checksum
        for source in GENERATOR.values()
    )
