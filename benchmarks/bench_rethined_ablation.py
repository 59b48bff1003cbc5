"""What each part of RETHINED's matching brings, on photographs; paired, with 95 % intervals of Student's t.

``one-shot``: attention alone, as in the paper (``coherence=off``). ``+ coherence``: rounds of matching and
voting from there on, the low band left to the patches. ``+ learned coarse``: the method. The others take one
part out of it: ``random start`` the attention's choice, ``untrained`` the weights, ``votes`` the copy at the
end. ``coarse alone`` adds what the coarse stage learned to ``harmonic``, and copies nothing. Every row is
compared with one of them.

    python benchmarks/bench_rethined_ablation.py PHOTOS... --size 512 --json table.json
    python benchmarks/bench_rethined_ablation.py PHOTOS... --rows "coarse alone" harmonic --against harmonic
"""

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import cv2
import numpy as np
import torch
from scipy import stats
from torch.nn import functional as F

import baselines
import masks
import metrics
from baselines.base import Image, Inpainter, Mask
from baselines.rethined import Network, Rethined, build, fused
from baselines.rethined.method import method_of
from baselines.rethined.network.coarse import halve
from baselines.rethined.network.filters import pull_push_fill
from baselines.rethined.network.geometry import CUT_PX
from baselines.rethined.network.weights import load_network
from baselines.rethined.tokens import reduce

MEASURES = ("l1", "haarpsi", "st-lpips-alex")


class Patched:
    """RETHINED with one part replaced while it runs."""

    def __init__(self, method: Rethined, target: str, replacement: Any) -> None:
        self.card = method.card
        self._method, self._target, self._replacement = method, target, replacement

    def __call__(self, image: Image, mask: Mask) -> Image:
        """See `baselines.Inpainter`."""
        with mock.patch(self._target, self._replacement):
            return self._method(image, mask)


class CoarseAlone:
    """``harmonic`` and the residual of the coarse stage, enlarged."""

    def __init__(self, network: Network) -> None:
        self._network, self._harmonic = network, baselines.load("harmonic")
        self.card = self._harmonic.card

    def __call__(self, image: Image, mask: Mask) -> Image:
        """See `baselines.Inpainter`."""
        working = reduce(image, mask, 512)
        known = torch.from_numpy(working.image).permute(2, 0, 1)[None]
        unknown = torch.from_numpy(working.unknown)[None, None].float()
        with torch.inference_mode():
            smooth = pull_push_fill(known, unknown)
            residual = self._network.coarse(*halve(smooth, unknown))[-1].residual
            large = F.interpolate(residual, scale_factor=2 * working.scale, mode="bilinear")
        height, width = mask.shape
        added = 255 * large[0, :, :height, :width].permute(1, 2, 0).numpy()
        filled = np.clip(np.rint(self._harmonic(image, mask) + added), 0, 255).astype(np.uint8)
        return np.where(mask[..., None], filled, image)


def variants() -> dict[str, Inpainter]:
    """Build the rows, by name."""

    def load(**options: object) -> Rethined:
        method = baselines.load("rethined", backend="torch", **options)
        assert isinstance(method, Rethined)
        return method

    ours = load()
    give, start = "baselines.patchmatch.prior.Prior._give", "baselines.rethined.method.cell_shifts"
    return {
        "one-shot": load(coherence="off"),
        "+ coherence": Patched(ours, give, lambda *_: None),
        "+ learned coarse": ours,
        "random start": Patched(
            ours, start, lambda working, *_: np.zeros((*working.cells.hole.shape, 2), np.int32)
        ),
        "untrained": method_of("rethined", fused(build("rethined")), device="cpu", cut_px=CUT_PX),
        "coarse alone": CoarseAlone(load_network("rethined", None, cut_px=CUT_PX).network),
        "votes": Patched(ours, "baselines.patchmatch.solve.copy", lambda *_: None),
        "patchmatch": baselines.load("patchmatch"),
        "harmonic": baselines.load("harmonic"),
    }


def squares(photos: list[Path], size: int) -> Iterator[tuple[str, Image]]:
    """Centre squares of the photographs, reduced by area."""
    for path in photos:
        photo = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
        if photo is None or min(photo.shape[:2]) < size:
            continue
        side = min(photo.shape[:2])
        top, left = (photo.shape[0] - side) // 2, (photo.shape[1] - side) // 2
        square = np.ascontiguousarray(photo[top : top + side, left : left + side])
        yield path.name, cv2.resize(square, (size, size), interpolation=cv2.INTER_AREA).astype(np.uint8)


def energy(image: Image, mask: Mask) -> float:
    """Mean absolute difference of neighbours that are both missing, in grey levels."""
    grey = image.astype(np.float32).mean(axis=2)
    down, right = mask[1:] & mask[:-1], mask[:, 1:] & mask[:, :-1]
    steps = np.abs(np.diff(grey, axis=0))[down].sum() + np.abs(np.diff(grey, axis=1))[right].sum()
    return float(steps / max(1, down.sum() + right.sum())) + 1e-3


def scores(
    methods: Mapping[str, Inpainter],
    pictures: Iterable[tuple[str, Image]],
    presets: Sequence[str],
    names: Sequence[str],
    keys: Sequence[str],
) -> Iterator[dict[str, Any]]:
    """Score every method on every picture and preset, with a mask for each key; its {} is the picture."""
    for name, target in pictures:
        for preset in presets:
            for key in keys:
                vector = masks.synthesize(aspect=(1, 1), preset=preset, key=key.format(name))
                mask = vector.rasterize(target.shape[1], target.shape[0])
                image = target.copy()
                image[mask] = 0
                for method, fill in methods.items():
                    output = np.where(mask[..., None], fill(image.copy(), mask), target)
                    values = metrics.compute(output, target, mask, names=list(names))
                    row = {"photo": name, "preset": preset, "method": method}
                    row["energy"] = energy(output, mask) / energy(target, mask)
                    yield row | {f"{metric}.hole": values[f"{metric}.hole"] for metric in names}


def interval(values: list[float]) -> tuple[float, float]:
    """Mean and half the width of its 95 % interval of Student's t."""
    count = len(values)
    half = stats.t.ppf(0.975, count - 1) * np.std(values, ddof=1) / np.sqrt(count) if count > 1 else np.inf
    return float(np.mean(values)), float(half)


def report(rows: list[dict[str, Any]], presets: list[str], against: str, measures: list[str]) -> None:
    """Print means, and paired differences from one row."""
    for preset in presets:
        table: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            if row["preset"] == preset:
                table.setdefault(row["method"], []).append(row)
        least = np.mean([row["l1.hole"] for row in table[against]])
        for name, chosen in table.items():
            l1 = np.mean([row["l1.hole"] for row in chosen])
            line = f"{preset:<12}{name:<18}L1 / {against} {l1 / least:.3f}  "
            for measure in (f"{name}.hole" for name in measures):
                pairs = zip(chosen, table[against], strict=True)
                mean, half = interval([row[measure] - peer[measure] for row, peer in pairs])
                line += (
                    f"{measure} {np.mean([row[measure] for row in chosen]):.4f} ({mean:+.4f} +- {half:.4f})  "
                )
            print(
                line + f"energy {np.exp(np.mean([np.log(row['energy']) for row in chosen])):.2f}", flush=True
            )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path, nargs="+")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--presets", nargs="+", default=["df8k", "df8k-small"])
    parser.add_argument("--metrics", nargs="+", default=MEASURES)
    parser.add_argument("--rows", nargs="+", help="only these")
    parser.add_argument("--against", default="patchmatch", help="row that the others are compared with")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    methods = variants()
    if options.rows:
        methods = {name: methods[name] for name in {options.against: None} | dict.fromkeys(options.rows)}
    pictures = squares(options.photos, options.size)
    rows = list(scores(methods, pictures, options.presets, options.metrics, ["ablation|{}"]))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))
    report(rows, options.presets, options.against, options.metrics)


if __name__ == "__main__":
    main()
