"""Memory that is freed stays with the process, unless its user says otherwise."""

import ctypes
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallopt"), reason="not glibc"
)

# Faults of the third of three rounds that take and free 64 MiB. Arrays of a mebibyte: numpy asks for huge
# pages from 4 on, and the system counts those as one.
FAULTS = """
import resource
import numpy as np
import _df8k.kernels
from _df8k.memory import keep_freed_memory
kept = keep_freed_memory()
for _ in range(3):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    arrays = [np.ones(2**20, np.uint8) for _ in range(64)]
    del arrays
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
print(kept, faults)
"""


def third_round(**environment: str) -> tuple[str, int]:
    rest = {name: value for name, value in os.environ.items() if "MALLOC" not in name}
    command = [sys.executable, "-P", "-c", FAULTS]
    done = subprocess.run(command, check=True, env=rest | environment, capture_output=True, text=True)
    kept, faults = done.stdout.split()
    return kept, int(faults)


def test_freed_memory_is_taken_again_without_faults():
    kept, faults = third_round()
    assert kept == "True"
    assert faults < 200


def test_what_the_environment_says_of_memory_goes_first():
    kept, faults = third_round(MALLOC_TRIM_THRESHOLD_="131072")
    assert kept == "False"
    assert faults > 8000
