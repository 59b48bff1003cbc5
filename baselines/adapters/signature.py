"""Tell picture from mask among the inputs of a network file, and the picture among its outputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from df8k.baselines.base import MethodFailedError

from .declaration import Declaration, Tensor

_PICTURE: Final = frozenset({3, 4})  # channels of a picture, without or with its mask
_PICTURE_WORDS: Final = ("image", "img", "picture", "photo", "rgb")
_MASK_WORDS: Final = ("mask", "hole", "msk")


@dataclass(frozen=True)
class Slot:
    """Input or output of a network file.

    Attributes:
        name: as the file tells it.
        shape: lengths of its axes, or names of free ones; ``None`` where the file does not tell.
        dtype: of its elements.
    """

    name: str
    shape: tuple[object, ...] | None = None
    dtype: npt.DTypeLike = np.float32


def detect(path: Path, declaration: Declaration, inputs: Sequence[Slot]) -> Declaration:
    """Fill in what the file itself tells where nothing else is declared.

    Args:
        path: the file, for messages.
        declaration: what is declared beside it.
        inputs: one, or picture and mask.

    Raises:
        MethodFailedError: nothing tells picture from mask, or names and shapes contradict each other.
    """
    update: dict[str, object] = {}
    if len(inputs) == 1:
        update["inputs"] = "stacked"
    elif "inputs" not in declaration.model_fields_set:
        update["inputs"] = "swapped" if _mask_place(path, inputs) == 0 else "pair"
    update |= _by_shape(inputs)
    declared = declaration.model_fields_set
    return declaration.model_copy(
        update={name: value for name, value in update.items() if name not in declared}
    )


def _mask_place(path: Path, inputs: Sequence[Slot]) -> int:
    """Tell which of two inputs is the mask: by their names, then by their channels."""
    names = " and ".join(slot.name for slot in inputs)
    remedy = 'declare "inputs" beside it: pair (picture, mask) or swapped (mask, picture)'
    roles = [_role(slot.name) for slot in inputs]
    by_name = {"mask": roles.index("mask")} if roles.count("mask") == 1 else {}
    if not by_name and roles.count("picture") == 1:
        by_name = {"mask": 1 - roles.index("picture")}
    channels = [_channels(slot.shape) for slot in inputs]
    by_shape = {"mask": channels.index(1)} if channels.count(1) == 1 else {}
    if by_name and by_shape and by_name != by_shape:
        fault = f"{path}: the inputs {names} have the names of one order and the channels of the other"
        raise MethodFailedError("error", f"{fault}: {remedy}")
    chosen = by_name or by_shape
    if not chosen and any(slot.shape is not None for slot in inputs):
        fault = f"{path}: neither names nor shapes tell which of the inputs {names} is the mask"
        raise MethodFailedError("error", f"{fault}: {remedy}")
    return chosen.get("mask", 1)


def _role(name: str) -> str:
    words = name.lower()
    rest = words.replace("masked", "")
    if any(word in rest for word in _MASK_WORDS):
        return "mask"
    return "picture" if rest != words or any(word in rest for word in _PICTURE_WORDS) else ""


def _by_shape(inputs: Sequence[Slot]) -> dict[str, object]:
    """Read layout, size and range of the picture's input."""
    update: dict[str, object] = {}
    first = max(inputs, key=lambda slot: _channels(slot.shape) or 0)
    shape = first.shape or ()
    last = len(shape) == 4 and shape[3] in _PICTURE and shape[1] not in _PICTURE
    if last:
        update["layout"] = "NHWC"
    if np.dtype(first.dtype) == np.uint8:
        update["range"] = (0.0, 255.0)
    extent = shape[1:3] if last else shape[2:4]
    if len(extent) == 2 and all(isinstance(length, int) for length in extent):
        update["size"] = tuple(extent)
    return update


def _channels(shape: tuple[object, ...] | None) -> int | None:
    """Count the channels of an input: its shorter fixed axis after the batch, where it has one."""
    fixed = [shape[axis] for axis in (1, 3)] if shape is not None and len(shape) == 4 else []
    counts = [length for length in fixed if isinstance(length, int) and length in {1, *_PICTURE}]
    return counts[0] if counts else None


def choose_output(path: Path, declaration: Declaration, outputs: Sequence[Slot]) -> int:
    """Choose the output of a file that is the picture.

    Raises:
        MethodFailedError: there are several, and none is declared; or there is no such output.
    """
    names = [slot.name for slot in outputs]
    wanted = declaration.output
    if isinstance(wanted, str) and wanted in names:
        return names.index(wanted)
    if isinstance(wanted, int) and 0 <= wanted < len(names):
        return wanted
    if wanted is not None:
        raise MethodFailedError("error", f"{path} has no output {wanted!r}: its outputs are {_list(names)}")
    pictures = [place for place, slot in enumerate(outputs) if _channels(slot.shape) in {3, None}]
    if len(outputs) == 1:
        return 0
    if len(pictures) == 1 and _channels(outputs[pictures[0]].shape) == 3:
        return pictures[0]
    raise MethodFailedError(
        "error",
        f'{path} has the outputs {_list(names)}: declare beside it which is the picture, as "output": '
        f'"{names[-1]}"',
    )


def pick(output: Any, wanted: int | str | None) -> Any:
    """Take the picture from what a TorchScript network returned: a tensor, a tuple or a dictionary of them.

    Raises:
        MethodFailedError: several, and none is declared; or there is no such output.
    """
    if hasattr(output, "detach"):
        return output
    fields = getattr(output, "_fields", None)
    if fields is not None:
        output = dict(zip(fields, output, strict=True))
    if isinstance(output, Mapping):
        entries = {str(key): value for key, value in output.items()}
    elif isinstance(output, (tuple, list)):
        entries = {str(place): value for place, value in enumerate(output)}
    else:
        raise MethodFailedError("wrong-output", f"returned {type(output).__name__}, expected a tensor")
    if wanted is None and len(entries) != 1:
        example = next(iter(entries), "0") if isinstance(output, Mapping) else 0
        raise MethodFailedError(
            "wrong-output",
            f"returned several outputs ({_list([_described(*entry) for entry in entries.items()])}): declare "
            f'beside the network which is the picture, as "output": {example!r}'.replace("'", '"'),
        )
    key = next(iter(entries)) if wanted is None else _key(entries, wanted)
    return pick(entries[key], None)


def _key(entries: Mapping[str, Any], wanted: int | str) -> str:
    names = list(entries)
    if isinstance(wanted, int) and str(wanted) not in entries and 0 <= wanted < len(names):
        return names[wanted]
    if str(wanted) not in entries:
        raise MethodFailedError("wrong-output", f"returned no output {wanted!r} but {_list(names)}")
    return str(wanted)


def _described(name: str, value: Any) -> str:
    shape = getattr(value, "shape", None)
    return f"{name}: {type(value).__name__ if shape is None else tuple(shape)}"


def _list(words: Sequence[str]) -> str:
    return ", ".join(words)


def fitted(array: Tensor, slot: Slot, layout: str) -> Tensor:
    """Give an array the rank and channels of an input: masks may have no channel axis, or three channels."""
    shape = slot.shape
    axis = 1 if layout == "NCHW" else 3
    if shape is None or array.ndim != 4:
        return array
    if len(shape) == 3 and array.shape[axis] == 1:
        return np.asarray(np.squeeze(array, axis))
    if len(shape) == 3:
        return np.asarray(array[0])
    if len(shape) == 4 and array.shape[axis] == 1 and shape[axis] == 3:
        return np.asarray(np.repeat(array, 3, axis))
    return array
