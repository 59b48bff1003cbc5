"""Run the drivers long: ``python tests/fuzz/run.py --count 100000``; the figures go to docs/security.md.

Each batch runs in a process of its own, which a mutation may crash or fill; what went wrong is written with
the driver and the seed that repeat it: ``--only dataset --first SEED --count 1``.
"""

import argparse
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

HANG_S = 10  # of a processor: the machine may be busy with other work
STILL_S = 600  # of the clock
PEAK_BYTES = 1.5 * 2**30
# Share of each driver: what is slow to read gets fewer.
SHARES = {
    "decode": 0.28,
    "masks": 0.22,
    "weights": 0.14,
    "recipes": 0.1,
    "sources": 0.1,
    "people": 0.04,
    "dataset": 0.06,
    "results": 0.06,
}


class Hang(BaseException):
    """A mutation took longer than a reader may."""


def _alarm(_signal: int, _frame: object) -> None:
    raise Hang


def batch(name: str, seeds: range, folder: Path) -> dict:
    """Run seeds of one driver in this process."""
    from fuzz_drivers import DRIVERS, once

    driver = DRIVERS[name](folder)
    signal.signal(signal.SIGPROF, _alarm)
    place = folder.parent / "place"
    counts = {"refused": 0, "taken": 0}
    faults = []
    slowest = (0.0, -1)
    for seed in seeds:
        start = time.process_time()
        place.write_text(str(seed))
        signal.setitimer(signal.ITIMER_PROF, HANG_S)
        try:
            refused = once(driver, name, seed)
            counts["refused" if refused else "taken"] += 1
        except Hang:
            faults.append({"seed": seed, "kind": "hang", "text": traceback.format_exc()[-1500:]})
        except BaseException as error:  # noqa: BLE001 - this is what is looked for
            text = "".join(traceback.format_exception(error)[-6:])
            faults.append({"seed": seed, "kind": "traceback", "text": ascii(text)[-3000:]})
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        slowest = max(slowest, (time.process_time() - start, seed))
    # Not getrusage: its peak counts that of the process that started this one.
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024
    return {"name": name, **counts, "faults": faults, "slowest": slowest, "peak": peak}


def apart(name: str, seeds: range, folder: Path) -> dict:
    """Run a batch in a process of its own; one that dies or stands still is started again after its seed."""
    answer, place = folder.parent / "answer.json", folder.parent / "place"
    total: dict = {"refused": 0, "taken": 0, "faults": [], "slowest": [0.0, -1], "peak": 0}
    first = seeds.start
    while first < seeds.stop:
        answer.unlink(missing_ok=True)
        place.write_text(str(first))
        command = [sys.executable, __file__, "--child", name, str(first), str(seeds.stop), str(folder)]
        child = subprocess.Popen(command)
        seen, since = first, time.monotonic()
        while child.poll() is None:
            time.sleep(0.5)
            now = int(place.read_text() or seen)
            if now != seen:
                seen, since = now, time.monotonic()
            if time.monotonic() - since > STILL_S:
                child.kill()
        made = json.loads(answer.read_text()) if answer.exists() else None
        if made is None:
            seen = int(place.read_text() or seen)
            fault = {"seed": seen, "kind": "crash or hang", "text": f"exit status {child.wait()}"}
            made = {"refused": 0, "taken": seen - first, "faults": [fault], "slowest": [0.0, -1], "peak": 0}
        first = seen + 1 if not answer.exists() else seeds.stop
        for key in ("refused", "taken", "faults"):
            total[key] += made[key]
        total["slowest"] = max(total["slowest"], made["slowest"])
        total["peak"] = max(total["peak"], made["peak"])
    return total


def child() -> None:
    """Run one batch, and write what it gave."""
    name, first, last, folder = sys.argv[2:]
    sys.path.insert(0, str(Path(__file__).parent))
    made = batch(name, range(int(first), int(last)), Path(folder))
    (Path(folder).parent / "answer.json").write_text(json.dumps(made))


def main() -> int:
    if sys.argv[1:2] == ["--child"]:
        child()
        return 0
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--only", choices=sorted(SHARES))
    parser.add_argument("--batch", type=int, default=2000)
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="fuzz-"))
    folder = root / "a/b/c"
    folder.mkdir(parents=True)
    sys.path.insert(0, str(Path(__file__).parent))
    from fuzz_drivers import corpus

    corpus(folder)
    totals: dict[str, dict] = {}
    faults = []
    start = time.monotonic()
    shares = {options.only: 1.0} if options.only else SHARES
    for name, share in shares.items():
        count = max(1, round(options.count * share))
        total = totals.setdefault(
            name, {"mutations": 0, "refused": 0, "taken": 0, "slowest_s": 0.0, "peak_mib": 0}
        )
        for first in range(options.first, options.first + count, options.batch):
            seeds = range(first, min(first + options.batch, options.first + count))
            made = apart(name, seeds, folder)
            total["mutations"] += len(seeds)
            total["refused"] += made["refused"]
            total["taken"] += made["taken"]
            total["slowest_s"] = round(max(total["slowest_s"], made["slowest"][0]), 2)
            total["peak_mib"] = max(total["peak_mib"], made["peak"] >> 20)
            for fault in made["faults"]:
                faults.append({"driver": name, **fault})
                print(
                    name,
                    fault["seed"],
                    fault["kind"],
                    fault["text"].encode().decode("unicode_escape"),
                    flush=True,
                )
        print(name, total, f"{time.monotonic() - start:.0f} s", flush=True)
    outside = [str(path) for path in root.rglob("*") if not path.is_relative_to(folder) and path.is_file()]
    outside = [path for path in outside if not path.endswith(("answer.json", "/place"))]
    report = {"drivers": totals, "faults": faults, "outside": outside}
    if options.report:
        options.report.write_text(json.dumps(report, indent=1))
    made = sum(total["mutations"] for total in totals.values())
    print(f"{made} mutations, {len(faults)} faults, {outside} outside")
    shutil.rmtree(root)
    heavy = any(total["peak_mib"] * 2**20 > PEAK_BYTES for total in totals.values())
    return 1 if faults or outside or heavy else 0


if __name__ == "__main__":
    sys.exit(main())
