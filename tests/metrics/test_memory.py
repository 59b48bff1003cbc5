"""Peak memory, measured by the kernel in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import metrics

from .backbone_weights import backbone_state, served_store
from .pictures import scene

MIB = 2**20
WORKER = """
import json, sys, numpy as np, metrics
from pathlib import Path
from metrics.weights import ENTRIES, Store
from dataclasses import replace
name, height, width, memory, folder, pin = json.loads(sys.argv[1])
entries = [replace(e, size=pin[1], sha256=pin[2]) if pin and e.name == pin[0] else e for e in ENTRIES]
store = Store(entries, folder=Path(folder))
rng = np.random.default_rng(0)
target = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
prediction, mask = target ^ 7, np.zeros((height, width), bool)
mask[height // 4 : height // 2, width // 4 : -width // 4] = True
def status(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))
small = slice(0, 300), slice(0, 300)
def run(p, t, m, memory):
    return metrics.compute(p, t, m, names=name.split(","), memory=memory, weights=store)
run(prediction[small], target[small], mask[small], 2**31)  # imports, compiled code, weights
Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
before = status("VmRSS")
scores = run(prediction, target, mask, memory)
print(json.dumps([status("VmHWM") - before, all(v is not None for v in scores.values())]))
"""


def peak(name, height, width, memory, folder, pin=None):
    """Bytes above the arrays and the libraries while ``name`` is computed."""
    arguments = json.dumps([name, height, width, memory, str(folder), pin])
    done = subprocess.run(
        [sys.executable, "-c", WORKER, arguments], check=True, capture_output=True, text=True, timeout=300
    )
    extra, complete = json.loads(done.stdout)
    assert complete
    return extra


needs_proc = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux")


@needs_proc
def test_four_metrics_at_4096_take_less_than_six_bytes_a_pixel(tmp_path):
    extra = peak("l1,psnr,ssim,ms-ssim", 4096, 4096, 96 * MIB, tmp_path)
    assert extra < 96 * MIB


@needs_proc
@pytest.mark.parametrize(("net", "weights"), [("lpips-alex", "alexnet"), ("lpips-squeeze", "squeezenet1_1")])
def test_lpips_keeps_its_budget(net, weights, tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with served_store({weights: backbone_state(weights)}, tmp_path) as store:
        path, entry = store.fetch(weights), store.entry(weights)
    assert path.parent == tmp_path
    pin = (weights, entry.size, entry.sha256)
    assert peak(net, 768, 2048, 256 * MIB, tmp_path, pin) < 256 * MIB


def test_a_budget_that_cannot_be_kept_is_refused():
    target = scene(256, 256)
    with pytest.raises(
        metrics.MetricError, match=r"budget of 0 MiB is below .* at 256 x 256: raise --memory"
    ):
        metrics.compute(target, target, np.ones((256, 256), bool), memory=1000)


def test_a_network_that_does_not_fit_is_unavailable_and_the_rest_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    target = scene(64, 512)
    with served_store({"vgg16": backbone_state("vgg16")}, tmp_path) as store:
        scores = metrics.compute(
            target, target, np.ones((64, 512), bool), names=["lpips-vgg", "l1"], memory=MIB, weights=store
        )
    assert scores["l1.full"] == 0
    assert "raise --memory" in scores.reasons["lpips-vgg.full"]
