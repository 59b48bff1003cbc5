"""Exported networks: ONNX and TorchScript files."""

import time
import warnings
from collections.abc import Callable
from hashlib import file_digest
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from baselines.base import Image, Mask, MethodCard, MethodFailedError, check_inputs

from .declaration import Declaration, Tensor, read_declaration

Forward = Callable[[list[Tensor]], Tensor]

_DTYPES: Final = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
}
_PICTURE: Final = frozenset({3, 4})  # channels of a picture, without or with its mask


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
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        self.declaration = declaration
        self._forward, self._dtype = forward, dtype
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
        arrays = self.declaration.encode(image, mask, self._dtype)
        start = time.perf_counter()
        output = self._forward(arrays)
        self.model_seconds = time.perf_counter() - start
        return self.declaration.decode(output, image)


def onnx(path: Path, *, device: str = "cpu") -> ExportedNetwork:
    """Open an ONNX file with onnxruntime.

    Raises:
        MethodFailedError: onnxruntime is absent, or refuses the file.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise MethodFailedError("error", "ONNX files need onnxruntime: pip install 'df8k[onnx]'") from error
    providers = ["CPUExecutionProvider"]
    if device.startswith("cuda"):
        providers.insert(0, "CUDAExecutionProvider")
    declaration = read_declaration(path)
    try:
        session = onnxruntime.InferenceSession(str(path), providers=providers)
    except Exception as error:  # onnxruntime's errors share no base class
        raise MethodFailedError("error", f"{path} cannot be opened: {error}") from error
    inputs = session.get_inputs()
    if len(inputs) not in {1, 2}:
        names = ", ".join(item.name for item in inputs)
        raise MethodFailedError(
            "error", f"{path} has the inputs {names}: expected image and mask, or one of both"
        )
    dtypes = {_DTYPES.get(item.type) for item in inputs}
    if len(dtypes) != 1 or None in dtypes:
        types = ", ".join(f"{item.name}: {item.type}" for item in inputs)
        raise MethodFailedError(
            "error", f"{path} has the inputs {types}: expected floats or bytes, all alike"
        )
    dtype = np.dtype(next(iter(dtypes)))
    declaration = _detected(declaration, [tuple(item.shape) for item in inputs], dtype)
    feeds = [item.name for item in inputs]

    def forward(arrays: list[Tensor]) -> Tensor:
        feed = dict(zip(feeds, arrays, strict=True))
        try:
            return np.asarray(session.run(None, feed)[0])
        except Exception as error:  # likewise
            raise _refusal(arrays, error) from error

    return ExportedNetwork(path, declaration, forward, "onnx", dtype)


def torchscript(path: Path, *, device: str = "cpu") -> ExportedNetwork:
    """Open a TorchScript file.

    Raises:
        MethodFailedError: torch refuses the file.
    """
    import torch

    declaration = read_declaration(path)
    try:
        with warnings.catch_warnings():
            # torch discourages the format; it is still what many published models come in.
            warnings.simplefilter("ignore")
            module = torch.jit.load(str(path), map_location=device).eval()  # type: ignore[no-untyped-call]
    except (RuntimeError, ValueError) as error:
        raise MethodFailedError("error", f"{path} is not a TorchScript file: {error}") from error

    def forward(arrays: list[Tensor]) -> Tensor:
        try:
            with torch.inference_mode():
                output = module(*(torch.from_numpy(array).to(device) for array in arrays))
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:
            raise _refusal(arrays, error) from error
        return np.asarray(output.float().cpu().numpy())

    return ExportedNetwork(path, declaration, forward, "torchscript")


def _refusal(arrays: list[Tensor], error: Exception) -> MethodFailedError:
    """Turn a network's own words into an error, by their last line: the rest is mostly a stack."""
    words = str(error).strip().splitlines() or [type(error).__name__]
    shapes = " and ".join(str(array.shape) for array in arrays)
    return MethodFailedError(
        "error",
        f"the network refuses {shapes}: {words[-1]}; if it takes one size alone, declare that size beside it "
        "and give a strategy, such as --strategy resize:512",
    )


def _detected(
    declaration: Declaration, shapes: list[tuple[object, ...]], dtype: np.dtype[np.generic]
) -> Declaration:
    """Fill in what the file itself tells where nothing else is declared."""
    update: dict[str, object] = {}
    channels = [_channels(shape) for shape in shapes]
    if len(shapes) == 1:
        update["inputs"] = "stacked"
    elif channels[0] == 1 and channels[1] != 1:
        update["inputs"] = "swapped"
    first = max(shapes, key=lambda shape: _channels(shape) or 0)
    last = len(first) == 4 and first[3] in _PICTURE and first[1] not in _PICTURE
    if last:
        update["layout"] = "NHWC"
    if dtype == np.uint8:
        update["range"] = (0.0, 255.0)
    extent = first[1:3] if last else first[2:4]
    if len(extent) == 2 and all(isinstance(length, int) for length in extent):
        update["size"] = tuple(extent)
    declared = declaration.model_fields_set
    return declaration.model_copy(
        update={name: value for name, value in update.items() if name not in declared}
    )


def _channels(shape: tuple[object, ...]) -> int | None:
    """Count the channels of an input: its shorter fixed axis after the batch, where it has one."""
    fixed = [shape[axis] for axis in (1, 3) if len(shape) == 4]
    counts = [length for length in fixed if isinstance(length, int) and length in {1, *_PICTURE}]
    return counts[0] if counts else None
