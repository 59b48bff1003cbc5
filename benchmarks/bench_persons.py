"""Measure detectors of persons on labelled photographs: recall at 1 % false alarms, by kind of person.

    python benchmarks/bench_persons.py ../shared/photos-train

``bench_persons_labels.csv`` names the photographs, looked at on contact sheets. The label is ``none``, or
says what shows a person best: ``face`` (of a tenth of the short side or more), ``large`` (a body of half the
height, its face small or hidden), ``small`` (less). ``back`` are all clear views from behind in the other
photographs of the folder, at the end of the file. Hands alone (``part``), painted or carved people
(``figure``) and what could not be told (``unsure``) count for nothing. No photograph is committed.
"""

import argparse
import csv
import json
import math
import time
from pathlib import Path

import numpy as np

from df8k.checks.persons import open_detector
from df8k.images import decode
from df8k.picture import Picture

LABELS = Path(__file__).with_name("bench_persons_labels.csv")
FALSE_ALARMS = 0.01


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Compute the 95 % interval of a share."""
    share = hits / n
    centre, half = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, (centre - half) / (1 + z * z / n)), min(1.0, (centre + half) / (1 + z * z / n))


def main() -> None:
    """Score every labelled photograph with each detector, then count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--detectors", default="hog+faces,centerface+hog")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows = list(csv.DictReader(LABELS.read_text().splitlines()))
    labels = np.array([row["label"] for row in rows])
    report = {}
    for name in arguments.detectors.split(","):
        detector, start = open_detector(name), time.process_time()
        pictures = (Picture(decode((arguments.photos / row["file"]).read_bytes())) for row in rows)
        scores = np.array([detector.suspect(picture).score for picture in pictures])
        seconds = (time.process_time() - start) / len(rows)
        without = np.sort(scores[labels == "none"])[::-1]
        limit = without[math.floor(FALSE_ALARMS * len(without))]  # so many lie above it
        report[name] = {"seconds": seconds, "limit": float(limit), "scores": scores.round(4).tolist()}
        print(
            f"{name}: {seconds:.3f} processor seconds a photograph; 1 % of {len(without)} above {limit:.2f}"
        )
        for limit_name, bound in (("1 % false alarms", limit), ("sure", 1.0), ("review list", 0.0)):
            for label in ("face", "large", "small", "back", "part", "figure"):
                above = scores[labels == label] > bound
                low, high = wilson(int(above.sum()), len(above))
                share = f"{above.sum()} of {len(above)} [{low:.2f}, {high:.2f}]"
                print(f"  {limit_name:17} {label:6} {share}")
            alarms = int((without > bound).sum())
            print(f"  {limit_name:17} none   {alarms} of {len(without)} false alarms")
    if arguments.json:
        arguments.json.write_text(json.dumps(report))


if __name__ == "__main__":
    main()
