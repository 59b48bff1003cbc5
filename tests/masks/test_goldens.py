"""Every preset's masks are frozen: equal hashes on every platform, at every optimisation level, for good.

A preset whose hashes change needs a new version instead. The goldens were made by this file run as a script,
on Linux x86-64 with NumPy 2.4.6 and were the same with NumPy 2.0.0 and with all SIMD dispatch off.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import masks
from masks.catalogue import PRESETS

GOLDENS = Path(__file__).with_name("goldens.json")
SIZES = (512, 1024, 4096)
CASES = [(name, aspect) for name in PRESETS for aspect in ((1, 1), (2, 3))]


def hashes(preset, aspect):
    vector = masks.synthesize(aspect=aspect, preset=preset, key="golden")
    rasters = {str(size): vector.runs(*vector.frame.size_at(size)).sha256[:16] for size in SIZES}
    return {"vector": vector.sha256, "rasters": rasters}


def label(preset, aspect):
    return f"{preset} {aspect[0]}:{aspect[1]}"


@pytest.mark.parametrize(("preset", "aspect"), CASES)
def test_masks_are_frozen(preset, aspect):
    goldens = json.loads(GOLDENS.read_text("utf-8"))
    assert hashes(preset, aspect) == goldens[label(preset, aspect)]


def test_goldens_hold_nothing_else():
    assert set(json.loads(GOLDENS.read_text("utf-8"))) == {label(*case) for case in CASES}


def test_hash_seed_locale_order_and_simd_do_not_matter():
    features = np._core._multiarray_umath.__cpu_features__
    dispatched = [name for name in np._core._multiarray_umath.__cpu_dispatch__ if features[name]]
    environment = {
        **os.environ,
        "NPY_DISABLE_CPU_FEATURES": " ".join(dispatched),
        "PYTHONHASHSEED": "7",
        "LC_ALL": "tr_TR.UTF-8",
    }
    code = (
        "import json, masks, numpy, random\n"
        "numpy.random.seed(3); random.seed(3)\n"
        "print(json.dumps([masks.synthesize((3, 2), p, k).runs(1536, 1024).sha256\n"
        "    for p in ('text', 'df8k', 'blobs') for k in 'cba']))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    )
    here = {
        (p, k): masks.synthesize((3, 2), p, k).runs(1536, 1024).sha256
        for p in ("blobs", "df8k", "text")
        for k in "abc"
    }
    assert json.loads(found.stdout) == [here[p, k] for p in ("text", "df8k", "blobs") for k in "cba"]


if __name__ == "__main__":
    made = {label(*case): hashes(*case) for case in CASES}
    GOLDENS.write_text(json.dumps(made, indent=1) + "\n", "utf-8")
