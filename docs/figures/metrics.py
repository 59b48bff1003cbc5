"""Draw the figure of docs/metrics.md: ``python -P docs/figures/metrics.py``."""

from pathlib import Path

import cv2
import numpy as np

from metrics.regions import BAND, HOLE, WIDE, label

HERE = Path(__file__).resolve().parent
SIDE, GAP, ENLARGE = 150, 10, 2
KNOWN, CHOSEN, REST = (224, 224, 224), (42, 111, 151), (168, 200, 216)
PANELS = (("full", 0), ("hole", HOLE), ("band", BAND), ("hole-wide (window 11)", WIDE))


def hole() -> np.ndarray:
    """Draw a disc and a stroke."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.circle(mask, (62, 84), 36, 1, -1)
    cv2.line(mask, (20, 24), (128, 40), 1, 9)
    return mask.astype(bool)


def main() -> None:
    """Draw one panel per region: the region dark, the rest of the hole light."""
    mask = hole()
    labels = label(mask, radius=5)
    panels = []
    for caption, bit in PANELS:
        chosen = (labels & bit) == bit
        panel = np.full((SIDE, SIDE, 3), KNOWN, np.uint8)
        panel[mask] = REST
        panel[chosen] = CHOSEN
        panel = cv2.resize(panel, None, fx=ENLARGE, fy=ENLARGE, interpolation=cv2.INTER_NEAREST)
        head = np.full((30, panel.shape[1], 3), 255, np.uint8)
        cv2.putText(head, caption, (0, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (40, 40, 40), 1, cv2.LINE_AA)
        panels += [np.vstack([head, panel]), np.full((panel.shape[0] + 30, GAP, 3), 255, np.uint8)]
    picture = np.hstack(panels[:-1])
    cv2.imwrite(str(HERE / "metrics-regions.png"), picture[..., ::-1])


if __name__ == "__main__":
    main()
