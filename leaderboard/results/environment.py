"""Describe the machine that a result was measured on."""

import os
import platform
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Final

import psutil

from _df8k import system
from _df8k.threads import allowed_cpus

from .schema import Environment

_LIBRARIES: Final = (
    "numpy",
    "opencv-contrib-python-headless",
    "scikit-image",
    "torch",
    "torchvision",
    "numba",
)


def describe_environment() -> Environment:
    """Describe processor, threads, memory, GPU, system and library versions."""
    return Environment(
        cpu=_cpu(),
        cores=os.cpu_count() or 1,
        threads=_threads(),
        memory_bytes=psutil.virtual_memory().total,
        gpu=_gpu(),
        system=platform.platform(),
        python=platform.python_version(),
        libraries={name: installed for name in _LIBRARIES if (installed := _version(name))},
    )


def _cpu() -> str:
    info = system.PROC / "cpuinfo"
    if info.exists():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    if platform.system() == "Darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        with suppress(OSError, subprocess.SubprocessError):
            done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
            return done.stdout.strip()
    return platform.processor() or platform.machine()


def _threads() -> int:
    """Count the threads that this process may run at once; numba has a bound of its own."""
    available = len(allowed_cpus())
    limits = (os.environ.get(name, "") for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS"))
    return min(available, max(int(limit) if limit.isdigit() else available for limit in limits))


def _gpu() -> str | None:
    """Read the name of the GPU, if the method has brought torch in: a classical method needs none."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return None
    return str(torch.cuda.get_device_name())


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
