"""Export of a registered size to ONNX, Core ML or LiteRT."""

import importlib.util
import tempfile
from pathlib import Path

import torch

from _df8k.hints import unknown_name
from df8k.baselines.base import MethodError
from df8k.baselines.rethined.network.geometry import CUT_PX
from df8k.baselines.rethined.network.model import SIZES
from df8k.baselines.rethined.network.weights import load_network
from df8k.baselines.roles import Export

from .onnx_graph import TOLERANCE, Embedding, difference, example, write_onnx
from .precision import PRECISIONS, convert_precision

FORMATS = ("onnx", "coreml", "litert")
_FIXED = (512, 512)
# Package to import, how to get it.
_CONVERTERS = {
    "coreml": ("coremltools", "pip install 'df8k[coreml]'"),
    "litert": (
        "litert_torch",
        "pip install 'df8k[litert]', best in an environment of its own: it replaces torch by one below 2.15",
    ),
}


def export(
    name: str,
    path: str | Path,
    *,
    to: str = "onnx",
    graph: str | None = None,
    size: tuple[int, int] | None = None,
    weights: str | Path | None = None,
    precision: str = "fp32",
    cut_px: float = CUT_PX,
) -> Export:
    """Export coarse stage and patch descriptions; upscaling stays outside, on the host's 8-bit image.

    Args:
        name: ``rethined`` or ``rethined-large``.
        path: file to write (for Core ML a package folder ending in ``.mlpackage``).
        to: one of `FORMATS`.
        graph: ``match`` or ``embed``; by default ``match`` for ONNX without a size, else ``embed``.
        size: height and width, multiples of 64; by default dynamic for ONNX and 512 x 512 for the others.
        weights: as for `rethined`.
        precision: fp32, fp16 or int8; the latter two are graphs ``embed`` in ONNX, and are not held to
            torch: `df8k method parity` measures what they change.
        cut_px: as for `rethined`.

    Raises:
        MethodError: a method without an export, an unknown format, a converter that is absent or fails, or a
            result that differs from torch.
    """
    if name not in SIZES:
        raise MethodError(f"{name} has no export; these have: {', '.join(SIZES)}")
    if to not in FORMATS:
        raise MethodError(unknown_name("format", to, FORMATS))
    if to == "coreml" and Path(path).suffix != ".mlpackage":
        raise MethodError(f"a Core ML package is a folder whose name ends in .mlpackage; got {path}")
    path = Path(path)
    graph = graph or ("match" if to == "onnx" and size is None and precision == "fp32" else "embed")
    if precision not in PRECISIONS:
        raise MethodError(unknown_name("precision", precision, PRECISIONS))
    if precision != "fp32" and (to != "onnx" or graph != "embed"):
        raise MethodError(f"{precision} is written as ONNX, graph embed; got {to}, graph {graph}")
    if to != "onnx":
        package, how = _CONVERTERS[to]
        if importlib.util.find_spec(package) is None:
            raise MethodError(f"{to} needs the package {package}: {how}")
        if graph != "embed":
            raise MethodError(f"{to} holds the graph embed with a fixed size; matching then runs on the host")
    loaded = load_network(name, weights, cut_px=cut_px)
    network, deviation = loaded.network, None
    if to == "onnx":
        deviation = write_onnx(network, path, kind=graph, size=size)
        if precision != "fp32":
            convert_precision(path, path, precision)
            deviation = difference(path, Embedding(network).eval(), graph, size or (192, 128))
    else:
        module, inputs = Embedding(network).eval(), example("embed", *(size or _FIXED))
        deviation = (_write_coreml if to == "coreml" else _write_litert)(module, inputs, path)
    count = sum(parameter.numel() for parameter in network.parameters())
    return Export(path, to, graph, deviation, count, loaded.sha256 is None, precision)


def _write_coreml(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...], path: Path) -> None:
    import coremltools  # type: ignore[import-not-found, unused-ignore] # an optional converter

    try:
        program = torch.export.export(module, inputs).run_decompositions({})
        model = coremltools.convert(program, minimum_deployment_target=coremltools.target.iOS16)
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            model.save(f"{folder}/model.mlpackage")
            if path.exists():
                path.rename(f"{folder}/previous")
            Path(folder, "model.mlpackage").rename(path)
    except Exception as error:  # the converter raises whatever its passes meet
        raise MethodError(f"coremltools could not convert the network: {error}") from error


def _write_litert(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...], path: Path) -> float:
    import litert_torch  # type: ignore[import-not-found, unused-ignore] # an optional converter

    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        file = Path(folder, "model.tflite")
        try:
            litert_torch.convert(module, inputs).export(str(file))
            outputs = litert_torch.load(str(file))(*inputs)
        except Exception as error:  # the converter raises whatever its passes meet
            raise MethodError(f"litert-torch could not convert the network: {error}") from error
        with torch.inference_mode():
            pairs = zip(outputs, module(*inputs), strict=True)
            worst = max(float((torch.as_tensor(a) - b).abs().max()) for a, b in pairs)
        if not worst <= TOLERANCE:
            raise MethodError(f"the LiteRT file differs from torch by {worst:.1e}, over {TOLERANCE:.0e}")
        file.replace(path)
    return worst
