"""One number of threads for every library."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from threadpoolctl import threadpool_info

from _df8k.threads import allowed_cpus, one_blas_thread, thread_count

COUNT = """
import os, sys
from _df8k.threads import hold_threads, set_threads, thread_count, threads_of_libraries
if sys.argv[1] == "before": set_threads(1)
import cv2, numba, numpy, torch
import _df8k.kernels
if sys.argv[1] == "after": set_threads(1)
from threadpoolctl import threadpool_info
blas = {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}
counts = threads_of_libraries()
assert thread_count() == 1
assert {counts["torch"], counts["numba"], *blas} == {1}, (counts, blas)
hold_threads(1)
assert threads_of_libraries()["opencv"] == 1
assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_every_library_has_the_number_that_was_set(when):
    pytest.importorskip("torch")
    rest = {name: value for name, value in os.environ.items() if "THREADS" not in name}
    subprocess.run([sys.executable, "-P", "-c", COUNT, when], check=True, env=rest | {"PYTHONWARNINGS": ""})


@pytest.mark.parametrize(
    ("setting", "count"), [("1", 1), ("0", None), ("", None), ("many", None), ("9999", None)]
)
def test_the_count_is_that_of_the_environment_within_the_processors(monkeypatch, setting, count):
    monkeypatch.setenv("OMP_NUM_THREADS", setting)
    assert thread_count() == (count or len(allowed_cpus()))


def test_blas_has_one_thread_for_a_while_and_its_own_number_afterwards():
    def threads():
        return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]

    def use(_):
        with one_blas_thread():
            assert set(threads()) == {1}

    before = threads()
    use(0)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(use, range(40)))
    assert threads() == before
