"""Exported networks: ONNX and TorchScript files."""

from collections.abc import Callable
from hashlib import file_digest
from pathlib import Path

import numpy as np

from baselines.base import Image, Mask, MethodCard, MethodFailedError, check_inputs

from .declaration import Declaration, Tensor, read_declaration

Forward = Callable[[list[Tensor]], Tensor]


class ExportedNetwork:
    """A network file that is fed as its declaration says; see `Declaration`."""

    def __init__(self, path: Path, declaration: Declaration, forward: Forward, kind: str) -> None:
        self._declaration, self._forward = declaration, forward
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
        output = self._forward(self._declaration.encode(image, mask))
        return self._declaration.decode(output, image)


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
    declaration = _detected(declaration, path, [tuple(item.shape) for item in inputs])
    names = [item.name for item in inputs]

    def forward(arrays: list[Tensor]) -> Tensor:
        feed = dict(zip(names, arrays, strict=True))
        try:
            return np.asarray(session.run(None, feed)[0])
        except Exception as error:  # likewise
            raise MethodFailedError("error", f"the network refuses {arrays[0].shape}: {error}") from error

    return ExportedNetwork(path, declaration, forward, "onnx")


def torchscript(path: Path, *, device: str = "cpu") -> ExportedNetwork:
    """Open a TorchScript file.

    Raises:
        MethodFailedError: torch refuses the file.
    """
    import torch

    declaration = read_declaration(path)
    try:
        module = torch.jit.load(str(path), map_location=device).eval()  # type: ignore[no-untyped-call]
    except (RuntimeError, ValueError) as error:
        raise MethodFailedError("error", f"{path} is not a TorchScript file: {error}") from error

    def forward(arrays: list[Tensor]) -> Tensor:
        with torch.inference_mode():
            output = module(*(torch.from_numpy(array).to(device) for array in arrays))
        return np.asarray(output.float().cpu().numpy())

    return ExportedNetwork(path, declaration, forward, "torchscript")


def _detected(declaration: Declaration, path: Path, shapes: list[tuple[object, ...]]) -> Declaration:
    """Fill in what the file itself tells where nothing is declared beside it."""
    if path.with_suffix(".json").exists() or not shapes:
        return declaration
    first = shapes[0]
    update: dict[str, object] = {"inputs": "pair" if len(shapes) == 2 else "stacked"}
    if len(first) == 4 and first[3] in {3, 4} and first[1] not in {3, 4}:
        update["layout"] = "NHWC"
    return declaration.model_copy(update=update)
