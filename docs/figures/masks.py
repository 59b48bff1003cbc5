"""Make the gallery and the table of docs/masks.md: ``python docs/figures/masks.py [--count 200]``."""

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# A script's own folder comes first on the path, where this file would be taken for the package.
sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != HERE]

import masks  # noqa: E402 - after the path is mended

SAMPLES, SIDE = 8, 84
MEASURES = ("coverage", "components", "largest_share", "depth_max", "border_share", "clean_16")


def gallery() -> bytes:
    """Eight masks of each preset, two presets a row."""
    tiles, captions = [], []
    for name in masks.preset_names():
        for index in range(SAMPLES):
            tiles.append(masks.synthesize((1, 1), name, f"gallery-{index}").rasterize(SIDE, SIDE))
            captions.append(name if index == 0 else "")
    return masks.contact_sheet(tiles, columns=2 * SAMPLES, captions=captions)


def table(count: int) -> str:
    """Mean and deviation of each measure, as rows of Markdown."""
    rows = ["| preset | " + " | ".join(MEASURES) + " | drawings |", "|" + "---|" * (len(MEASURES) + 2)]
    for name in masks.preset_names():
        found = masks.preset_statistics(name, count=count)
        cells = [f"{values['mean']:.3g} ± {values['sd']:.2g}" for values in _of(found)]
        rows.append(f"| {name} | " + " | ".join(cells) + f" | {found['attempts']['mean']:.2f} |")
    return "\n".join(rows)


def _of(found: dict[str, dict[str, dict[str, float]]]) -> list[dict[str, float]]:
    return [found["measures"][measure] for measure in MEASURES]


def main() -> None:
    """Write the figures, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    arguments = parser.parse_args()
    (HERE / "masks-gallery.png").write_bytes(gallery())
    official = masks.preset_statistics("band-30-50", count=arguments.count)
    masks.statistics_figure(official, HERE / "masks-band-30-50.png")
    print(table(arguments.count))


if __name__ == "__main__":
    main()
