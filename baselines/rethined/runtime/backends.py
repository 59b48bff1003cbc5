"""Backends of the network: torch, torch in bfloat16 or onnxruntime; by name or by a short measurement."""

import hashlib
import importlib.util
import json
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import platformdirs
import torch

from _df8k.files import atomic_file
from df8k.baselines.base import MethodError
from df8k.baselines.patchmatch.reduction import WorkingImage
from df8k.baselines.rethined.network.model import Analysis, Network
from df8k.baselines.rethined.tokens import Working

from .onnx_graph import example, write_onnx

BACKENDS = ("torch", "torch-bf16", "onnxruntime")
_RUNS = 3
_METHOD = Path(__file__).parent.parent
# A cached graph is as old as the code that writes it.
_GRAPH_SOURCES = (
    "network/model.py",
    "network/coarse.py",
    "network/layers.py",
    "network/filters.py",
    "network/attention.py",
    "runtime/onnx_graph.py",
)


class Backend(Protocol):
    """Runs the network on one image at the working resolution."""

    name: str

    def __call__(self, working: Working) -> Analysis:
        """Run the network: a batch of one, fp32 tensors."""
        ...


class TorchBackend:
    """torch with channels-last convolutions, in fp32 or under bfloat16 autocast."""

    def __init__(self, network: Network, device: torch.device, *, bf16: bool) -> None:
        self.name = "torch-bf16" if bf16 else "torch"
        self._device, self._bf16 = device, bf16
        self._network = network.to(device).to(memory_format=torch.channels_last)

    def __call__(self, working: Working) -> Analysis:
        """See `Backend`."""
        image, mask = (tensor.to(self._device) for tensor in _tensors(working))
        with torch.inference_mode(), torch.autocast(self._device.type, torch.bfloat16, enabled=self._bf16):
            coarse, features = self._network.fill(image, mask)
            # Half precision would round colours to 1/256: only the network proper runs in it.
            with torch.autocast(self._device.type, enabled=False):
                analysis: Analysis = self._network.describe(coarse.float(), features.float())
                return analysis


class OnnxBackend:
    """onnxruntime on the CPU; the graph is exported once and kept in the user's cache folder."""

    name = "onnxruntime"

    def __init__(self, network: Network, path: Path | None = None) -> None:
        """Open the graph ``embed``, another export of the network where a file is named.

        Raises:
            MethodError: the file is no such graph.
        """
        import onnxruntime

        if path is not None:
            self.name = f"onnxruntime {path.name}"

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        # Waiting threads would spin: on a busy machine the network then takes three times as long. The memory
        # pattern is a second copy of all activations.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.enable_mem_pattern = False
        file = _cached_graph(network) if path is None else path
        try:
            self._session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors share no base class
            raise MethodError(f"{file} cannot be opened: {error}") from error
        names = {"image", "mask"}, {"coarse", "low", "queries", "keys"}
        if (
            tuple(
                {item.name for item in side}
                for side in (self._session.get_inputs(), self._session.get_outputs())
            )
            != names
        ):
            raise MethodError(
                f"{file} is no graph 'embed' of this network: df8k export rethined --graph embed"
            )

    def __call__(self, working: Working) -> Analysis:
        """See `Backend`."""
        image, mask = (tensor.contiguous().numpy() for tensor in _tensors(working))
        outputs = self._session.run(None, {"image": image, "mask": mask})
        return Analysis(*(torch.from_numpy(output) for output in outputs))


def make_backend(network: Network, name: str, device: str, working_resolution: int) -> Backend:
    """Make the named backend, or with ``auto`` the fastest on this machine at this working resolution.

    Args:
        network: fused.
        name: one of `BACKENDS`, ``auto``, or ``FILE.onnx``, an export of the graph ``embed``.
        device: torch device string.
        working_resolution: side of the square that ``auto`` measures.

    Raises:
        MethodError: unknown name, unusable device, or onnxruntime where it is not installed or not on the
        CPU.
    """
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
    if name.endswith(".onnx"):
        makers[name] = lambda: OnnxBackend(network, Path(name))
    if name == "auto":
        name = fastest(network, makers, where, working_resolution)
    if name not in makers:
        raise MethodError(f"no backend is called {name!r}: known: auto, {', '.join(BACKENDS)}")
    if name.endswith(("onnxruntime", ".onnx")) and (where.type != "cpu" or not _has_onnx()):
        why = f"runs on the CPU, not on {device!r}" if _has_onnx() else "needs pip install 'df8k[onnx]'"
        raise MethodError(f"the backend onnxruntime {why}; choose torch")
    return makers[name]()


def fastest(
    network: Network, makers: dict[str, Callable[[], Backend]], device: torch.device, working_resolution: int
) -> str:
    """Find the quickest backend, measured once per machine and network, then remembered."""
    remembered = _cache_folder() / "backends.json"
    machine = [platform.node(), platform.processor(), _device_name(device), torch.get_num_threads()]
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
    working = Working(WorkingImage(1, 255 * picture, hole, ~hole), picture, hole, hole, (side, side))
    times = {name: _seconds(makers[name](), working, device) for name in candidates}
    known[key] = min(times, key=lambda name: times[name])
    with atomic_file(remembered) as file:
        file.write(json.dumps(known, indent=1).encode())
    return known[key]


def _seconds(backend: Backend, working: Working, device: torch.device) -> float:
    times = []
    for _ in range(_RUNS):
        start = time.perf_counter()
        backend(working)
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        times.append(time.perf_counter() - start)
    return min(times)


def _tensors(working: Working) -> tuple[torch.Tensor, torch.Tensor]:
    image = torch.from_numpy(working.image).permute(2, 0, 1)[None]
    unknown: npt.NDArray[np.float32] = working.unknown.astype(np.float32)
    return image, torch.from_numpy(unknown)[None, None]


def _cached_graph(network: Network) -> Path:
    digest = hashlib.sha256(torch.__version__.encode())
    for name in _GRAPH_SOURCES:
        digest.update((_METHOD / name).read_bytes())
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


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def _has_onnx() -> bool:
    return all(importlib.util.find_spec(name) for name in ("onnx", "onnxruntime", "onnxscript"))
