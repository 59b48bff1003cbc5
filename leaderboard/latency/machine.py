"""Look at the machine before time is taken, and tell what about it would spoil a timing."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import psutil
from pydantic import BaseModel, ConfigDict

from _df8k.threads import allowed_cpus

from .clock import processor_times
from .plan import DISTURBED_CORES

_CPU: Final = Path("/sys/devices/system/cpu")
_QUOTA: Final = Path("/sys/fs/cgroup/cpu.max")
_LOOK_S: Final = 0.5
_STOLEN_CORES: Final = 0.05
_HOT_C: Final = 85.0
_LITTLE_GIB: Final = 2.0
_SWAPPED_GIB: Final = 0.25
_COARSE_S: Final = 1e-5
_GPU_FIELDS: Final = ("driver_version", "clocks.sm", "clocks.max.sm", "power.limit", "utilization.gpu")


class MachineState(BaseModel):
    """State that a timing depends on besides the program; ``None`` where the system does not tell.

    Attributes:
        load_1m: load average of the last minute.
        busy_cores: cores in use by any program, over half a second.
        stolen_cores: cores that the host of a virtual machine gave to others in that time.
        allowed_cpus: processors that this process may run on.
        quota_cpus: processors that a container's quota allows.
        governor: who chooses the clock of the processors.
        mhz: their clock now.
        mhz_max: their highest clock.
        on_battery: whether the machine runs on its battery.
        celsius: hottest sensor of the processor.
        available_bytes: memory that programs can still get.
        swap_used_bytes: memory that was moved to a disk.
        timer_s: smallest step of the clock that times are taken from.
        gpu: driver, clocks, power limit and use of each NVIDIA GPU.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    load_1m: float | None
    busy_cores: float | None
    stolen_cores: float | None
    allowed_cpus: int
    quota_cpus: float | None
    governor: str | None
    mhz: float | None
    mhz_max: float | None
    on_battery: bool | None
    celsius: float | None
    available_bytes: int | None
    swap_used_bytes: int | None
    timer_s: float
    gpu: list[Mapping[str, str]]


def look() -> MachineState:
    """Look at the machine; takes half a second in which this process rests."""
    busy, stolen = _cores_in_use()
    clock = psutil.cpu_freq() if hasattr(psutil, "cpu_freq") else None
    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    return MachineState(
        load_1m=os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        busy_cores=busy,
        stolen_cores=stolen,
        allowed_cpus=len(allowed_cpus()),
        quota_cpus=_quota(),
        governor=_read(_CPU / "cpu0/cpufreq/scaling_governor"),
        mhz=clock.current or None if clock else None,
        mhz_max=clock.max or None if clock else None,
        on_battery=None if battery is None else not battery.power_plugged,
        celsius=_celsius(),
        available_bytes=psutil.virtual_memory().available,
        swap_used_bytes=psutil.swap_memory().used,
        timer_s=time.get_clock_info("perf_counter").resolution,
        gpu=_gpus(),
    )


def _cores_in_use() -> tuple[float, float | None]:
    start, (busy, stolen) = time.perf_counter(), processor_times()
    time.sleep(_LOOK_S)
    took, (now_busy, now_stolen) = time.perf_counter() - start, processor_times()
    lost = None if stolen is None or now_stolen is None else (now_stolen - stolen) / took
    return (now_busy - busy) / took, lost


def _quota() -> float | None:
    """Read the processors that the control group's quota allows; ``None`` without a quota."""
    words = (_read(_QUOTA) or "max").split()
    return None if words[0] == "max" or len(words) < 2 else int(words[0]) / int(words[1])


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return None


def _celsius() -> float | None:
    sensors = psutil.sensors_temperatures() if hasattr(psutil, "sensors_temperatures") else {}
    readings = [
        entry.current
        for name in ("coretemp", "k10temp", "cpu_thermal", "zenpower")
        for entry in sensors.get(name, [])
        if entry.current is not None
    ]
    return max(readings) if readings else None


def _gpus() -> list[Mapping[str, str]]:
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    command = [program, f"--query-gpu=name,{','.join(_GPU_FIELDS)}", "--format=csv,noheader,nounits"]
    try:
        listing = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    names = ("name", *_GPU_FIELDS)
    return [
        dict(zip(names, map(str.strip, row.split(",")), strict=False))
        for row in listing.splitlines()
        if row.strip()
    ]


def spoilers(state: MachineState) -> list[str]:
    """List what would spoil a timing, with the remedy, one line each; empty when nothing would."""
    conditions = [*_company(state), *_power(state), *_limits(state)]
    return [text for applies, text in conditions if applies]


def _company(state: MachineState) -> Iterator[tuple[bool, str]]:
    """Look for others who want the processor."""
    load, stolen = state.load_1m or 0.0, state.stolen_cores or 0.0
    used_cores = state.busy_cores or 0.0
    busy = used_cores > DISTURBED_CORES
    yield busy, f"other programs use {used_cores:.1f} of {os.cpu_count()} cores: end them, or wait"
    loaded = not busy and load > max(0.5, 0.25 * state.allowed_cpus)
    yield loaded, f"the load average is {load:.1f}: end other programs, or wait a minute"
    text = f"the host of this virtual machine took {stolen:.2f} cores: use a machine of your own"
    yield stolen > _STOLEN_CORES, text
    for gpu in state.gpu:
        used = gpu.get("utilization.gpu", "")
        yield used.isdigit() and int(used) > 5, f"other programs use {used} % of {gpu.get('name')}: end them"


def _power(state: MachineState) -> Iterator[tuple[bool, str]]:
    """Look for a processor that does not run as fast as it could."""
    mhz, highest, heat = state.mhz or 0.0, state.mhz_max or 0.0, state.celsius or 0.0
    saving = state.governor not in {None, "performance"}
    text = f"the governor is {state.governor}: set it to performance (cpupower frequency-set -g performance)"
    yield saving, text
    slow = 0 < mhz < 0.8 * highest
    yield slow, f"the processor runs at {mhz:.0f} of {highest:.0f} MHz: it is hot, saves power, or idles"
    yield bool(state.on_battery), "the machine runs on its battery: plug it in"
    yield heat > _HOT_C, f"the processor is at {heat:.0f} °C: let it cool down"


def _limits(state: MachineState) -> Iterator[tuple[bool, str]]:
    """Look for less than the whole machine."""
    cpus, quota, threads = state.allowed_cpus, state.quota_cpus, os.environ.get("OMP_NUM_THREADS", "")
    text = f"this container is halted when it uses more than {quota or 0:g} of the {cpus} processors it sees"
    yield quota is not None and quota < cpus, f"{text}: measure with --threads {max(1, int(quota or 1))}"
    fewer = cpus < (os.cpu_count() or cpus)
    yield fewer, f"this process may use {cpus} of {os.cpu_count()} processors: results are of as many threads"
    text = f"OMP_NUM_THREADS is {threads}, {cpus} processors are allowed: df8k evaluate runs with that; "
    yield threads.isdigit() and int(threads) != cpus, text + "df8k latency sets it by --threads"
    free, swapped = (state.available_bytes or 0) / 2**30, (state.swap_used_bytes or 0) / 2**30
    little = state.available_bytes is not None and free < _LITTLE_GIB
    yield little, f"only {free:.1f} GiB of memory are available: large sizes will fail"
    yield swapped > _SWAPPED_GIB, f"{swapped:.1f} GiB of memory lie on the disk: programs compete for memory"
    coarse = state.timer_s > _COARSE_S
    yield coarse, f"the clock has steps of {1e6 * state.timer_s:.0f} µs: short calls are lost in them"
