"""What spoils a timing is named, with the remedy, and nothing else is."""

import os

import pytest

from leaderboard.latency.machine import MachineState, look, spoilers

QUIET = MachineState(
    load_1m=0.0,
    busy_cores=0.02,
    stolen_cores=0.0,
    allowed_cpus=os.cpu_count() or 1,
    quota_cpus=None,
    governor="performance",
    mhz=3000.0,
    mhz_max=3200.0,
    on_battery=False,
    celsius=50.0,
    available_bytes=16 * 2**30,
    swap_used_bytes=0,
    timer_s=1e-9,
    gpu=[{"name": "GPU", "utilization.gpu": "0"}],
)


@pytest.fixture(autouse=True)
def _all_threads(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)


def test_a_quiet_machine_is_left_in_peace():
    assert spoilers(QUIET) == []
    unknown = dict.fromkeys(
        ("load_1m", "stolen_cores", "governor", "mhz", "mhz_max", "on_battery", "celsius")
    )
    assert spoilers(QUIET.model_copy(update=unknown | {"gpu": []})) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"busy_cores": 1.5}, "other programs use 1.5 of"),
        ({"load_1m": 40.0}, "load average is 40.0"),
        ({"stolen_cores": 0.3}, "host of this virtual machine took 0.30 cores"),
        ({"quota_cpus": 0.5}, "--threads 1"),
        ({"governor": "powersave"}, "cpupower frequency-set -g performance"),
        ({"mhz": 800.0}, "800 of 3200 MHz"),
        ({"on_battery": True}, "plug it in"),
        ({"celsius": 97.0}, "97 °C"),
        ({"available_bytes": 2**30}, "only 1.0 GiB"),
        ({"swap_used_bytes": 2**31}, "2.0 GiB of memory lie on the disk"),
        ({"timer_s": 1e-3}, "steps of 1000 µs"),
        ({"gpu": [{"name": "GPU", "utilization.gpu": "40"}]}, "40 % of GPU"),
    ],
)
def test_each_spoiler_is_named_alone(change, words):
    (found,) = spoilers(QUIET.model_copy(update=change))
    assert words in found


def test_threads_that_differ_from_the_processors_are_named(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "999")
    (found,) = spoilers(QUIET)
    assert "OMP_NUM_THREADS is 999" in found


def test_looking_gives_a_state_that_survives_json():
    state = look()
    assert MachineState.model_validate_json(state.model_dump_json()) == state
    assert state.available_bytes > 0
    assert state.busy_cores >= 0
