"""Near hashes among many: time and memory as they grow, and agreement with comparing with all.

Example: python benchmarks/bench_near_hashes.py --count 1000000 --sample 20000 --json hashes.json

Hashes are random, and a tenth of them differ in 0 to 14 bits from another one. The first ``--sample`` are
also compared with all before them; every list must be the same. The exponent is that of the time from half
of the hashes to all of them.
"""

import argparse
import json
from math import log2
from pathlib import Path
from time import process_time

import numpy as np

from df8k.curation.likeness.hashes import NearHashes

DISTANCE = 12


def stored_hashes(count: int, seed: int) -> np.ndarray:
    """Draw hashes, a tenth of them near another, uint64 ``(N,)``."""
    random = np.random.default_rng(seed)
    hashes = random.integers(0, 2**64, count, dtype=np.uint64)
    for one, other in random.integers(0, count, (count // 10, 2)):
        flip = np.uint64(0)
        for bit in random.integers(0, 64, random.integers(0, 15)):
            flip |= np.uint64(1) << np.uint64(bit)
        hashes[one] = hashes[other] ^ flip
    return hashes


def disagreements(hashes: np.ndarray) -> int:
    """Count the hashes whose list differs from that of comparing with all."""
    index, wrong = NearHashes(DISTANCE), 0
    for number, code in enumerate(hashes):
        expected = np.flatnonzero(np.bitwise_count(hashes[:number] ^ code) <= DISTANCE)
        wrong += not np.array_equal(index.near(int(code)), expected)
        index.add(int(code))
    return wrong


def grow(hashes: np.ndarray) -> list[dict[str, float]]:
    """Look every hash up among those before it, and add it; measured at each doubling."""
    index, rows, pairs = NearHashes(DISTANCE), [], 0
    marks = {len(hashes) >> shift for shift in range(6)}
    start = process_time()
    for number, code in enumerate(hashes.tolist(), 1):
        pairs += len(index.near(code))
        index.add(code)
        if number in marks:
            row = {"hashes": number, "s": process_time() - start, "MB": index.bytes / 1e6, "pairs": pairs}
            rows.append(row)
            print("{hashes:9d} hashes {s:8.1f} s {MB:8.1f} MB {pairs:8d} pairs".format(**row), flush=True)
    return rows


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--sample", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    hashes = stored_hashes(options.count, options.seed)
    wrong = disagreements(hashes[: options.sample])
    print(f"{wrong} of {min(options.sample, options.count)} lists differ from comparing with all")
    rows = grow(hashes)
    exponent = log2(rows[-1]["s"] / rows[-2]["s"])
    print(f"exponent of the time, from half to all: {exponent:.2f}")
    if options.json is not None:
        result = {"differing": wrong, "growth": rows, "exponent": exponent}
        options.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
