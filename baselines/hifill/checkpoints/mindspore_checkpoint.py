"""Reading the generator of the MindSpore port (``.ckpt``) without MindSpore."""

from pathlib import Path

import numpy as np

from df8k.baselines.base import MethodError
from df8k.baselines.hifill.weights import listed

from .names import GENERATOR, SCRATCH, Floats
from .wire import fields


def read_mindspore(path: Path) -> dict[str, Floats]:
    """Read the generator's tensors from a MindSpore checkpoint.

    Args:
        path: a serialised MindSpore ``Checkpoint`` of the port's ``GatedGenerator``.

    Returns:
        Official variable name → float32 array in TensorFlow's layout.

    Raises:
        MethodError: no checkpoint, or not the generator's.
    """
    parameters: dict[str, Floats] = {}
    for number, content in fields(memoryview(path.read_bytes())):
        if number == 1 and isinstance(content, memoryview):
            name, tensor = _parameter(content, path)
            parameters[name] = np.concatenate((parameters[name], tensor)) if name in parameters else tensor
    table = {source.mindspore: source for source in GENERATOR.values() if source.mindspore is not None}
    problems = [f"missing {name}" for name in table.keys() - parameters.keys()]
    unknown = parameters.keys() - table.keys()
    problems += [f"unexpected {name}" for name in unknown if not name.startswith(SCRATCH)]
    if problems:
        raise MethodError(f"{path} does not hold the MindSpore port's generator: {listed(sorted(problems))}")
    tensors: dict[str, Floats] = {}
    for name, source in table.items():
        shape = source.shape if len(source.shape) == 1 else tuple(source.shape[i] for i in (3, 2, 0, 1))
        if parameters[name].size != np.prod(shape):
            raise MethodError(f"{path}: {name} has {parameters[name].size} values, expected {shape}")
        tensor = parameters[name].reshape(shape)
        tensors[source.tensorflow] = tensor if tensor.ndim == 1 else tensor.transpose(2, 3, 1, 0)
    return tensors


def _parameter(data: memoryview, path: Path) -> tuple[str, Floats]:
    """One parameter as flat float32; large ones come in several messages of the same name."""
    parts = dict(fields(data))
    tag, message = parts.get(1), parts.get(2)
    if not isinstance(tag, memoryview) or not isinstance(message, memoryview):
        raise MethodError(f"{path} is no MindSpore checkpoint: an entry has no name or no tensor")
    name = bytes(tag).decode()
    kind, content = b"", memoryview(b"")
    for number, value in fields(message):
        if isinstance(value, memoryview) and number == 2:
            kind = bytes(value)
        elif isinstance(value, memoryview) and number == 3:
            content = value
    if kind != b"Float32":
        return name, np.empty(0, np.float32)
    return name, np.frombuffer(content, "<f4").astype(np.float32)
