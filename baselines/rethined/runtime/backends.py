"""Backends of the network: torch, torch in bfloat16 or onnxruntime; by name, by rule or by a measurement."""

import hashlib
import importlib.util
import json
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
import platformdirs

from _df8k.files import atomic_file
from _df8k.threads import thread_count
from df8k.baselines._registry import shipped_path
from df8k.baselines._shipped_graph import session_options
from df8k.baselines.base import MethodError
from df8k.baselines.patchmatch.reduction import WorkingImage
from df8k.baselines.rethined.network.geometry import CUT_PX
from df8k.baselines.rethined.tokens import Description, Pixels, Working

from .shipped_graph import GRAPH, read_tensors, tensors_of

if TYPE_CHECKING:
    import torch

    from df8k.baselines.rethined.network.folding import Tensors
    from df8k.baselines.rethined.network.model import Network
    from df8k.baselines.rethined.network.weights import Loaded

BACKENDS = ("torch", "torch-bf16", "onnxruntime")
_RUNS = 3


class Backend(Protocol):
    """Runs the network on one image at the working resolution."""

    name: str

    def __call__(self, working: Working) -> Description:
        """Run the network, in fp32 outside."""
        ...


class TorchBackend:
    """torch with channels-last convolutions, in fp32 or under bfloat16 autocast."""

    def __init__(self, network: "Network", device: "torch.device", *, bf16: bool) -> None:
        import torch

        self.name = "torch-bf16" if bf16 else "torch"
        self._device, self._bf16 = device, bf16
        self._network = network.to(device).to(memory_format=torch.channels_last)

    def __call__(self, working: Working) -> Description:
        """See `Backend`."""
        import torch

        image, mask = (torch.from_numpy(array).to(self._device) for array in network_inputs(working))
        with torch.inference_mode(), torch.autocast(self._device.type, torch.bfloat16, enabled=self._bf16):
            coarse, features = self._network.fill(image, mask)
            # Half precision would round colours to 1/256: only the network proper runs in it.
            with torch.autocast(self._device.type, enabled=False):
                analysis = self._network.describe(coarse.float(), features.float())
            # Queries and keys stay where they are compared; copying the pictures waits for the device.
            filled, low = (tensor[0].permute(1, 2, 0).cpu().numpy() for tensor in analysis[:2])
            return Description(filled, low, analysis.queries[0], analysis.keys[0])


class OnnxBackend:
    """onnxruntime on the CPU."""

    name = "onnxruntime"

    def __init__(self, source: "Network | Tensors | Path") -> None:
        """Open the network.

        Args:
            source: numbers of the shipped graph; a fused network, which is exported once and kept in the
                user's cache folder where that graph is not its own; or a file of the graph ``embed``.

        Raises:
            MethodError: the file is no such graph.
        """
        import onnxruntime

        if isinstance(source, dict):
            self._session = GRAPH.session(source)
            return
        if isinstance(source, Path):
            self.name, file = f"onnxruntime {source.name}", source
        elif (tensors := tensors_of(source)) is not None:
            self._session = GRAPH.session(tensors)
            return
        else:
            file = _cached_graph(source)
        try:
            self._session = onnxruntime.InferenceSession(
                file, session_options(), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's errors share no base class
            raise MethodError(f"{file} cannot be opened: {error}") from error
        inputs, outputs = (
            {item.name for item in side} for side in (self._session.get_inputs(), self._session.get_outputs())
        )
        if (inputs, outputs) != ({"image", "mask"}, {"coarse", "low", "queries", "keys"}):
            raise MethodError(
                f"{file} is no graph 'embed' of this network: df8k export rethined --graph embed"
            )

    def __call__(self, working: Working) -> Description:
        """See `Backend`."""
        image, mask = network_inputs(working)
        coarse, low, queries, keys = self._session.run(None, {"image": image, "mask": mask})
        return Description(coarse[0].transpose(1, 2, 0), low[0].transpose(1, 2, 0), queries[0], keys[0])


@dataclass(frozen=True)
class Opened:
    """Network ready to run.

    Attributes:
        backend: runs it.
        sha256: of its weights file; ``None`` without one.
        parameters: their number.
    """

    backend: Backend
    sha256: str | None
    parameters: int


def open_network(
    name: str,
    weights: "str | Path | Loaded | None",
    *,
    backend: str,
    device: str,
    cut_px: float,
    working_resolution: int,
) -> Opened:
    """Load a network and the backend that runs it.

    The default network on the CPU under onnxruntime takes its shipped graph, without torch.

    Args:
        name: a registered size.
        weights: a file, a network in memory, or ``None`` for the shipped weights.
        backend: one of `BACKENDS`, ``auto``, ``fastest``, or ``FILE.onnx``; see `Options`.
        device: torch device string.
        cut_px: frequency cut.
        working_resolution: side of the square that ``fastest`` measures.

    Raises:
        MethodError: unreadable or foreign weights, an unknown backend, an unusable device, or onnxruntime
            where it is not installed or not on the CPU.
    """
    if backend not in (*BACKENDS, "auto", "fastest") and not backend.endswith(".onnx"):
        raise MethodError(f"no backend is called {backend!r}: known: auto, {', '.join(BACKENDS)}, fastest")
    plain = device == "cpu" and backend in ("auto", "onnxruntime") and _has("onnxruntime")
    if plain and name == "rethined" and cut_px == CUT_PX and isinstance(weights, (str, Path, NoneType)):
        path = shipped_path(name) if weights is None else Path(weights)
        tensors = read_tensors(path) if path.exists() else None
        if tensors is not None:
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            return Opened(OnnxBackend(tensors), sha256, sum(tensor.size for tensor in tensors.values()))
    from df8k.baselines.rethined.network.weights import Loaded, load_network

    loaded = weights if isinstance(weights, Loaded) else load_network(name, weights, cut_px=cut_px)
    parameters = sum(parameter.numel() for parameter in loaded.network.parameters())
    return Opened(
        make_backend(loaded.network, backend, device, working_resolution), loaded.sha256, parameters
    )


def make_backend(network: "Network", name: str, device: str, working_resolution: int) -> Backend:
    """Make the named backend of a network in memory; see `open_network`."""
    import torch

    try:
        where = torch.device(device)
        torch.empty(1, device=where)
    except (RuntimeError, AssertionError) as error:
        raise MethodError(f"torch cannot use the device {device!r}: {str(error).splitlines()[0]}") from error
    makers: dict[str, Callable[[], Backend]] = {
        "torch": lambda: TorchBackend(network, where, bf16=False),
        "torch-bf16": lambda: TorchBackend(network, where, bf16=True),
        "onnxruntime": lambda: OnnxBackend(network),
    }
    if name == "auto":
        name = "onnxruntime" if where.type == "cpu" and _has_onnx() else "torch"
    elif name == "fastest":
        name = fastest(network, makers, where, working_resolution)
    if name.endswith(".onnx"):
        makers[name] = lambda: OnnxBackend(Path(name))
    if name.endswith(("onnxruntime", ".onnx")) and (where.type != "cpu" or not _has_onnx()):
        why = f"runs on the CPU, not on {device!r}" if _has_onnx() else "needs pip install 'df8k[onnx]'"
        raise MethodError(f"the backend onnxruntime {why}; choose torch")
    return makers[name]()


def fastest(
    network: "Network",
    makers: dict[str, Callable[[], Backend]],
    device: "torch.device",
    working_resolution: int,
) -> str:
    """Find the quickest backend, measured once per machine and network, then remembered."""
    import torch

    from .onnx_graph import example

    remembered = _cache_folder() / "backends.json"
    machine = [platform.node(), platform.processor(), _device_name(device), thread_count()]
    measured = [
        sum(p.numel() for p in network.parameters()),
        working_resolution,
        torch.__version__,
        _has_onnx(),
    ]
    key = hashlib.sha256(json.dumps([*machine, *measured]).encode()).hexdigest()[:16]
    try:
        known: dict[str, str] = json.loads(remembered.read_text())
    except (OSError, ValueError):
        known = {}
    if known.get(key) in makers:
        return known[key]
    candidates = ["torch"]
    if device.type == "cuda" or torch.cpu.get_capabilities().get("avx512_bf16", False):
        candidates.append("torch-bf16")
    if device.type == "cpu" and _has_onnx():
        candidates.append("onnxruntime")
    side = 64 * max(2, working_resolution // 64)
    image, mask = (t[0].permute(1, 2, 0).numpy() for t in example("embed", side, side))
    hole = mask[..., 0] > 0
    picture = np.ascontiguousarray(image)
    cells = WorkingImage(1, 255 * picture, hole, ~hole)
    working = Working(cells, cells, picture, hole, hole, (side, side))
    times = {name: _seconds(makers[name](), working) for name in candidates}
    known[key] = min(times, key=lambda name: times[name])
    with atomic_file(remembered) as file:
        file.write(json.dumps(known, indent=1).encode())
    return known[key]


def _seconds(backend: Backend, working: Working) -> float:
    times = []
    for _ in range(_RUNS):
        start = time.perf_counter()
        backend(working)
        times.append(time.perf_counter() - start)
    return min(times)


def network_inputs(working: Working) -> tuple[Pixels, Pixels]:
    """Lay out for the network: float32 ``(1, 3, h, w)``, and the mask ``(1, 1, h, w)``, 1 = missing."""
    image = np.ascontiguousarray(working.image.transpose(2, 0, 1))[None]
    unknown: npt.NDArray[np.float32] = working.unknown.astype(np.float32)
    return image, unknown[None, None]


def _cached_graph(network: "Network") -> Path:
    import torch

    from .onnx_graph import write_onnx

    digest = hashlib.sha256(f"{torch.__version__} {GRAPH.sources_sha256()}".encode())
    digest.update(network.low_pass.kernel.cpu().numpy().tobytes())
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.cpu().contiguous().numpy().tobytes())
    path = _cache_folder() / f"{digest.hexdigest()[:24]}.onnx"
    if not path.exists():
        write_onnx(network.cpu(), path, kind="embed")
    return path


def _cache_folder() -> Path:
    folder: Path = platformdirs.user_cache_path("df8k") / "rethined"
    return folder


def _device_name(device: "torch.device") -> str:
    import torch

    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def _has_onnx() -> bool:
    """Tell whether a graph can be exported and run."""
    return all(map(_has, ("onnx", "onnxruntime", "onnxscript")))


def _has(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
