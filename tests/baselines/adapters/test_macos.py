"""Processes of foreign methods, and latency, on macOS, as far as it can be imitated."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from df8k import baselines
from df8k.baselines import Limits
from df8k.baselines.adapters.exchange import Exchange
from df8k.baselines.adapters.isolation import descendants
from df8k.baselines.adapters.shared import Block
from df8k.leaderboard.latency.plan import Plan
from df8k.leaderboard.latency.process import Target
from df8k.leaderboard.latency.run import Measurement

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="a process of its own needs Linux or macOS"),
    pytest.mark.usefixtures("darwin"),
]
LIMITS = Limits(seconds=120, start_seconds=120)
METHOD = """
def load():
    def inpaint(image, mask):
        out = image.copy()
        out[mask] = 7
        return out
    return inpaint
"""
STRAY = """
import os, subprocess, sys
def load():
    def inpaint(image, mask):
        code = "import time; time.sleep(600)"
        child = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
        with open({path!r}, "w") as file:
            file.write(str(child.pid))
        return image
    return inpaint
"""


def test_a_worker_fills_through_memory_without_a_name(tmp_path, picture):
    (tmp_path / "method.py").write_text(METHOD)
    inpaint = baselines.open_method(f"{tmp_path / 'method.py'}:load", limits=LIMITS)
    image, mask = picture
    assert (inpaint(image, mask)[mask] == 7).all()
    larger = np.full((48, 64, 3), 9, np.uint8)
    assert (inpaint(larger, np.zeros((48, 64), bool)) == 9).all()
    inpaint.close()


def test_what_left_its_session_ends_with_its_method(tmp_path, picture):
    pid_file = tmp_path / "pid"
    (tmp_path / "stray.py").write_text(STRAY.format(path=str(pid_file)))
    inpaint = baselines.open_method(f"{tmp_path / 'stray.py'}:load", limits=LIMITS)
    inpaint(*picture)
    stray = psutil.Process(int(pid_file.read_text()))
    inpaint.close()
    deadline = time.monotonic() + 60
    while stray.is_running() and stray.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not stray.is_running() or stray.status() == psutil.STATUS_ZOMBIE


def test_a_command_passes_files_in_the_temporary_folder(picture):
    code = "import shutil, sys; shutil.copy(sys.argv[1], sys.argv[2])"
    inpaint = baselines.open_method(
        f"cmd:{sys.executable} -c '{code}' {{image}} {{output}} {{mask}}", limits=LIMITS
    )
    image, mask = picture
    assert np.array_equal(inpaint(image, mask)[~mask], image[~mask])


def test_a_folder_of_a_dead_owner_is_swept():
    exchange = Exchange()
    assert exchange.path.parent != Path("/dev/shm")
    another = Exchange()
    assert exchange.path.exists()
    exchange.close()
    another.close()
    assert not exchange.path.exists()


def test_room_is_taken_at_once():
    block = Block()
    block.reserve(3 * 2**20 + 5)
    assert os.fstat(block.fd).st_size == 3 * 2**20 + 5
    block.write(np.arange(64, dtype=np.uint8).reshape(8, 8))
    block.reserve(5 * 2**20)
    assert block.read((8, 8), copy=True).ravel().tolist() == list(range(64))


def test_marked_processes_are_seen_by_another_way():
    mark = descendants.new_mark()
    child = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, env=os.environ | {mark: "1"}
    )
    try:
        deadline = time.monotonic() + 60
        while not descendants.marked(mark) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert [process.pid for process in descendants.marked(mark)] == [child.pid]
        assert descendants.resident_bytes(os.getpid(), mark) > 1e6
    finally:
        descendants.kill_marked(mark)
        child.communicate()
    assert descendants.marked(mark) == []


def test_latency_is_measured_in_processes(tmp_path):
    plan = Plan(tier="rapid", runs=2, seconds=0.0, sessions=1, warmup_rounds=1)
    result = Measurement(Target(spec="mean"), [32], plan=plan, areas=False).run(tmp_path / "mean.json")
    assert [row.status for row in result.sizes] == ["ok"]
