"""Two processes that train together, one of them killed, against one process with the same batch."""

import json
import os
import runpy
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

SCRIPT = Path(__file__).with_name("several_devices.py")
STEPS = list(range(1, 9))


def _train_on_two(folder, stop=0):
    """Returns when both processes have ended: each of them holds the pipe."""
    command = [sys.executable, SCRIPT, folder, "2", str(stop)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Folders of a run on one device, and of one on two that was killed after five steps and went on."""
    pytest.importorskip("lightning_fabric")
    folder = tmp_path_factory.mktemp("runs")
    one, two = folder / "one", folder / "two"
    one.mkdir()
    two.mkdir()
    runpy.run_path(str(SCRIPT))["main"](one, 1, 0)
    killed = _train_on_two(two, stop=5)
    assert killed.returncode == -signal.SIGKILL
    assert "the devices cannot meet" in killed.stderr
    assert torch.load(two / "checkpoint.pt", weights_only=True)["step"] == 4
    done = _train_on_two(two)
    assert done.returncode == 0, done.stderr
    return one, two


def _lines(folder):
    return [json.loads(line) for line in (folder / "scalars.jsonl").read_text().splitlines()]


def test_two_devices_log_the_losses_of_one(runs):
    one, two = map(_lines, runs)
    assert [line["step"] for line in two] == [line["step"] for line in one] == sorted([*STEPS, 4, 8])
    for line, expected in zip(two, one, strict=True):
        assert line == pytest.approx(expected, rel=1e-5)
    # Some batches use the second layer in part, some not at all.
    assert {0.0, 0.25} <= {line["network/rare"] for line in one if "network/rare" in line}


def test_two_devices_end_with_the_weights_of_one(runs):
    states = [torch.load(folder / "checkpoint.pt", weights_only=True) for folder in runs]
    for part in ("networks", "averages"):
        one, two = (state[part]["network"] for state in states)
        assert set(one) == set(two)
        for name in set(one) - {"never.running_var"}:  # the mean of variances of halves is another number
            torch.testing.assert_close(two[name], one[name], rtol=1e-4, atol=1e-6, msg=f"{part} {name}")
    # What no picture used is not touched, not even by weight decay.
    assert set(two["never.weight"].tolist()) == {1.0}


def test_tensorboard_holds_every_step_once_and_the_pictures(runs):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(runs[1] / "tensorboard"))
    events.Reload()
    tags = events.Tags()
    assert set(tags["scalars"]) == {"learning_rate", "network/loss", "network/rare", "validation/error"}
    assert [event.step for event in events.Scalars("network/loss")] == STEPS
    assert [event.step for event in events.Scalars("validation/error")] == [4, 8]
    values = [line["network/loss"] for line in _lines(runs[1]) if "network/loss" in line]
    assert [event.value for event in events.Scalars("network/loss")] == pytest.approx(values)
    shown = [(event.step, event.width, event.height) for event in events.Images("shown")]
    assert shown == [(4, 6, 4), (8, 6, 4)]
