"""Runs ``df8k`` commands and kills them at random moments; started by test_interruption.py.

The commands run in forks of this process, which has imported everything: a start costs milliseconds.
"""

import io
import json
import os
import random
import signal
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path

import cv2

import df8k.cli
from leaderboard.harness import run as harness

LINE_S = 0.015  # moments between two lines of the journal are spread over this


def logged(log: Path) -> None:
    """Have every image that is scored from now on leave a line in ``log``."""
    score = harness.score_answer

    def noting(evaluation, answer):
        scored = score(evaluation, answer)
        with log.open("a") as file:
            file.write(f"{answer.row.size}/{answer.row.id}\n")
        return scored

    harness.score_answer = noting


def here(arguments: list[str]) -> int:
    """Run a command in this process; returns its exit code."""
    sys.argv = ["df8k", *arguments]
    try:
        with redirect_stdout(io.StringIO()):
            df8k.cli.main()
    except SystemExit as exit_:
        return int(exit_.code or 0)
    return 70


def start(arguments: list[str]) -> int:
    """Run a command in a fork; returns its process."""
    process = os.fork()
    if not process:
        os._exit(here(arguments))
    return process


def finished(process: int) -> int | None:
    """Exit code of a process; ``None`` while it runs."""
    found, status = os.waitpid(process, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def scored(journal: Path) -> list[str]:
    """What a journal says has been scored."""
    if not journal.exists():
        return []
    lines = [line for line in journal.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
    rows = [json.loads(line) for line in lines]
    return [f"{row['size']}/{row['id']}" for row in rows if "status" in row]


def disturbed(arguments: list[str], out: Path, log: Path, kills: int, chance: random.Random) -> dict:
    """Run a command, kill it ``kills`` times, let it finish; what happened."""
    journal, moments, again = out.with_suffix(".partial.jsonl"), [], []
    for _ in range(kills):
        before, noted = scored(journal), len(log.read_text().splitlines()) if log.exists() else 0
        target, delay = len(before) + chance.choice([0, 1, 1, 2]), chance.uniform(0, LINE_S)
        process = start(arguments)
        while (code := finished(process)) is None and len(scored(journal)) < target:
            time.sleep(0.001)
        time.sleep(delay)
        if code is None and (code := finished(process)) is None:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        lines = log.read_text().splitlines()[noted:] if log.exists() else []
        again += sorted(set(before) & set(lines))
        moments.append(len(scored(journal)) if code is None else f"ended with {code}")
    before, noted = scored(journal), len(log.read_text().splitlines())
    process = start(arguments)
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    again += sorted(set(before) & set(log.read_text().splitlines()[noted:]))
    return {"moments": moments, "code": code, "again": again, "logged": log.read_text().splitlines()}


def main() -> None:
    """Run the two scenarios and print what happened as JSON."""
    data, folder, kills, seed = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    cv2.setNumThreads(1)  # a pool of threads would not survive the fork
    chance = random.Random(seed)
    common = ["evaluate", "--method", "telea", "--data", str(data), "--metrics", "l1,psnr,swd"]
    common += ["--sizes", "48,64,80"]

    def options(name: str, *more: str) -> list[str]:
        return [*common, "--out", str(folder / f"{name}.json"), *more]

    # In this process, so that its forks find every module imported.
    codes = [here(options("straight")), here(options("second", "--shard", "2/2"))]
    logs = {name: folder / f"{name}.log" for name in ("killed", "first")}
    found = {"straight": codes}
    for name, more, times in (("killed", (), kills), ("first", ("--shard", "1/2"), 3)):
        unlogged = harness.score_answer
        logged(logs[name])
        found[name] = disturbed(options(name, *more), folder / f"{name}.json", logs[name], times, chance)
        harness.score_answer = unlogged
    parts = [str(folder / f"{name}.json") for name in ("first", "second")]
    found["merge"] = here(["merge", *parts, "--out", str(folder / "merged.json")])
    print(json.dumps(found))


if __name__ == "__main__":
    main()
