"""Time what is ours against named peers, and say what moved since the ratios were kept.

    make bench                                 # python -m benchmarks.guard
    python -m benchmarks.guard --keep          # keep these ratios for this class of machine

Processor time of one thread, ours and the peer in turns in one process: other work on the machine changes
both. Several processes, since arrays lie elsewhere in each: shown are the median ratio, and an interval that
holds all of theirs. A ratio moved when the intervals are apart and it differs by more than a tenth. Exit code
1 when something got slower. Kept ratios lie in ``benchmarks/guard/kept/CLASS.json``.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

# Read by the libraries when they are loaded.
for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

KEPT = Path(__file__).parent / "kept"


def main() -> None:
    """Print a table, or JSON."""
    from benchmarks.guard.measure import ROUNDS, Ratio, combined, machine_class, measure_all
    from df8k.cli._tables import print_table

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--keep", action="store_true", help="keep the ratios")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measure_all(options.rounds, lambda text: print(text, file=sys.stderr))))
        return
    file = KEPT / f"{machine_class()}.json"
    kept = json.loads(file.read_text()) if file.exists() else {"ratios": []}
    earlier = {row["name"]: Ratio(**row) for row in kept["ratios"]}
    command = [sys.executable, "-m", "benchmarks.guard", "--child", "--rounds", str(options.rounds)]
    found = []
    for number in range(options.processes):
        print(f"process {number + 1} of {options.processes}", file=sys.stderr, flush=True)
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        found.append([Ratio(**row) for row in json.loads(done.stdout)])
    ratios = [combined(of_pair) for of_pair in zip(*found, strict=True)]
    moved = {ratio.name: ratio.moved_from(earlier[ratio.name]) for ratio in ratios if ratio.name in earlier}
    report = {
        "machine": machine_class(),
        "python": platform.python_version(),
        "date": datetime.now(UTC).date().isoformat(),
        "ratios": [asdict(ratio) for ratio in ratios],
    }
    if options.keep:
        KEPT.mkdir(exist_ok=True)
        file.write_text(json.dumps(report, indent=1) + "\n")
    if options.json:
        print(json.dumps(report | {"moved": moved}, indent=1))
    else:
        cells = [
            [
                ratio.name,
                ratio.peer,
                f"{ratio.ours_ms:.3g}",
                f"{ratio.ratio:.3g}",
                f"{ratio.low:.3g} to {ratio.high:.3g}",
                f"{earlier[ratio.name].ratio:.3g}" if ratio.name in earlier else "none",
                moved.get(ratio.name, ""),
            ]
            for ratio in ratios
        ]
        print_table(
            f"processor time in times of the peer's, {machine_class()}",
            ["ours", "peer", "ours, ms", "ratio", "95 %", "kept", "moved"],
            cells,
            texts=(0, 1, 6),
        )
    sys.exit("slower" in moved.values())


if __name__ == "__main__":
    main()
