"""Exported networks: ONNX and TorchScript files."""

import time
import warnings
from collections.abc import Callable, Sequence
from hashlib import file_digest
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from df8k.baselines.base import Image, Mask, MethodCard, MethodFailedError, check_inputs

from .declaration import Declaration, Tensor, read_declaration
from .signature import Slot, choose_output, detect, fitted, pick

Forward = Callable[[list[Tensor]], Tensor]

_DTYPES: Final = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
}
_MASK_DTYPES: Final = _DTYPES | {
    "tensor(bool)": np.bool_,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
}


class ExportedNetwork:
    """Network file that is fed as its declaration says; see `Declaration`.

    Attributes:
        declaration: as declared, completed by what the file tells.
        model_seconds: time inside the network alone, of the last call.
    """

    def __init__(
        self,
        path: Path,
        declaration: Declaration,
        forward: Forward,
        kind: str,
        dtypes: Sequence[npt.DTypeLike] = (np.float32,),
    ) -> None:
        self.declaration = declaration
        self._forward, self._dtypes = forward, dtypes
        self.model_seconds: float | None = None
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        self.card = MethodCard(
            name=declaration.name or path.stem,
            version=declaration.version,
            summary=f"a network in {kind} form",
            source=path.name,
            licence=declaration.licence,
            parameters=0,
            weights_sha256=digest,
            settings={"adapter": kind, **declaration.model_dump(mode="json", exclude={"name", "version"})},
        )

    def __call__(self, image: Image, mask: Mask) -> Image:
        """Fill the hole; see `baselines.Inpainter`.

        Raises:
            MethodFailedError: the network refuses the picture, or its output is no picture of that size.
        """
        check_inputs(image, mask)
        self.declaration.check_size(*mask.shape)
        arrays = self.declaration.encode(image, mask, self._dtypes)
        start = time.perf_counter()
        output = self._forward(arrays)
        self.model_seconds = time.perf_counter() - start
        return self.declaration.decode(output, image)


def onnx(path: Path, *, device: str = "cpu", convention: str | None = None) -> ExportedNetwork:
    """Open an ONNX file with onnxruntime.

    Raises:
        MethodFailedError: onnxruntime is absent, or refuses the file.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise MethodFailedError("error", "ONNX files need onnxruntime: pip install onnxruntime") from error
    providers = ["CPUExecutionProvider"]
    if device.startswith("cuda"):
        providers.insert(0, "CUDAExecutionProvider")
    declaration = read_declaration(path, convention)
    try:
        session = onnxruntime.InferenceSession(str(path), providers=providers)
    except Exception as error:  # onnxruntime's errors share no base class
        raise MethodFailedError("error", f"{path} cannot be opened: {error}") from error
    inputs, outputs = session.get_inputs(), session.get_outputs()
    slots = _slots(path, inputs)
    declaration = detect(path, declaration, slots)
    _check_dtypes(path, declaration, inputs)
    index = choose_output(path, declaration, [Slot(item.name, _shape(item)) for item in outputs])
    if outputs[index].type == "tensor(uint8)" and declaration.output_range is None:
        declaration = declaration.model_copy(update={"output_range": (0.0, 255.0)})
    wanted = [outputs[index].name]

    def forward(arrays: list[Tensor]) -> Tensor:
        feed = {
            slot.name: fitted(array, slot, declaration.layout)
            for slot, array in zip(slots, arrays, strict=True)
        }
        try:
            (output,) = session.run(wanted, feed)
        except Exception as error:  # likewise
            raise _refusal(arrays, error) from error
        if not isinstance(output, np.ndarray):
            fault = f"the output {wanted[0]} is {type(output).__name__}, expected a tensor"
            raise MethodFailedError("wrong-output", fault)
        return output

    return ExportedNetwork(path, declaration, forward, "onnx", [slot.dtype for slot in slots])


def _slots(path: Path, inputs: Sequence[Any]) -> list[Slot]:
    """Describe the inputs of an ONNX file, one or two.

    Raises:
        MethodFailedError: more, or of elements that hold neither pictures nor masks.
    """
    if len(inputs) not in {1, 2}:
        names = ", ".join(item.name for item in inputs)
        raise MethodFailedError(
            "error", f"{path} has the inputs {names}: expected image and mask, or one of both"
        )
    if any(item.type not in _MASK_DTYPES for item in inputs):
        raise _wrong_types(path, inputs)
    return [Slot(item.name, _shape(item), _MASK_DTYPES[item.type]) for item in inputs]


def _check_dtypes(path: Path, declaration: Declaration, inputs: Sequence[Any]) -> None:
    """Check that the picture's input takes floats or bytes."""
    picture = inputs[1] if declaration.inputs == "swapped" else inputs[0]
    if picture.type not in _DTYPES:
        raise _wrong_types(path, inputs)


def _wrong_types(path: Path, inputs: Sequence[Any]) -> MethodFailedError:
    types = ", ".join(f"{item.name}: {item.type}" for item in inputs)
    return MethodFailedError(
        "error", f"{path} has the inputs {types}: expected floats or bytes, for a mask also bool or int"
    )


def _shape(item: Any) -> tuple[object, ...] | None:
    """Read the shape of an input or output; ``None`` where the file tells no axes."""
    return tuple(item.shape) if item.shape else None


def torchscript(path: Path, *, device: str = "cpu", convention: str | None = None) -> ExportedNetwork:
    """Open a TorchScript file.

    Raises:
        MethodFailedError: torch is absent, or refuses the file.
    """
    try:
        import torch
    except ImportError as error:
        raise MethodFailedError(
            "error", "TorchScript files need torch: pip install 'df8k[networks]'"
        ) from error

    declaration = read_declaration(path, convention)
    try:
        with warnings.catch_warnings():
            # torch discourages the format; it is still what many published models come in.
            warnings.simplefilter("ignore")
            module = torch.jit.load(str(path), map_location=device).eval()  # type: ignore[no-untyped-call]
    except (RuntimeError, ValueError) as error:
        raise MethodFailedError("error", f"{path} is not a TorchScript file: {error}") from error

    slots = [Slot(name) for name in _arguments(module)]
    if len(slots) in {1, 2}:
        declaration = detect(path, declaration, slots)

    def forward(arrays: list[Tensor]) -> Tensor:
        try:
            with torch.inference_mode():
                output = module(*(torch.from_numpy(array).to(device) for array in arrays))
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:
            raise _refusal(arrays, error) from error
        tensor = pick(output, declaration.output)
        return np.asarray(tensor.detach().float().cpu().numpy())

    return ExportedNetwork(path, declaration, forward, "torchscript")


def _arguments(module: Any) -> list[str]:
    """List the arguments of a TorchScript network that have no default."""
    schema = module._c._get_method("forward").schema  # noqa: SLF001 - nothing public tells
    return [item.name for item in schema.arguments[1:] if not item.has_default_value()]


def _refusal(arrays: list[Tensor], error: Exception) -> MethodFailedError:
    """Turn a network's own words into an error, by their last line: the rest is mostly a stack."""
    words = str(error).strip().splitlines() or [type(error).__name__]
    shapes = " and ".join(str(array.shape) for array in arrays)
    return MethodFailedError(
        "error",
        f"the network refuses {shapes}: {words[-1]}; if it takes one size alone, declare that size beside it "
        "and give a strategy, such as --strategy resize:512",
    )
