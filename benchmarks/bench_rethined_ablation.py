"""Gain of each stage of RETHINED with one set of weights, on images and masks of bench_learned_texture.py.

``coarse``: the coarse result enlarged. ``+ match``: softmax mixtures of known detail at the working
resolution, enlarged (NeuralPatchMatch). ``+ upscaling``: the best source's detail at full size (Attention
Upscaling), all of it. ``+ share``: the default share of it. ``+ rim``: the default method. ``untrained`` is
the default method on the fresh network.

    python benchmarks/bench_rethined_ablation.py --data DATASET --size 1024 --json table.json
"""

import argparse
import json
from pathlib import Path

import bench_learned_texture as learned_texture
import numpy as np
import torch

import baselines
from baselines.base import Image, Inpainter, Mask, MethodCard
from baselines.rethined import Rethined, build, load_network, save_network
from baselines.rethined.network.model import CUT_PX
from baselines.rethined.tokens import reduce
from baselines.rethined.training.losses import hole_token_mask, valid_token_mask
from baselines.rethined.upscaling.enlarge import paint_enlarged


class Mixed:
    """NeuralPatchMatch at the working resolution, enlarged: no Attention Upscaling."""

    def __init__(self, card: MethodCard) -> None:
        self.card = card
        self._network = load_network("rethined", None, cut_px=CUT_PX).network

    def __call__(self, image: Image, mask: Mask) -> Image:
        """See `baselines.Inpainter`."""
        working = reduce(image, mask, 512)
        small = torch.from_numpy(working.image).permute(2, 0, 1)[None]
        hole = torch.from_numpy(working.unknown.astype(np.float32))[None, None]
        with torch.inference_mode():
            analysis = self._network(small, hole)
            refined = self._network.refine(analysis, hole_token_mask(hole), valid_token_mask(hole))
        out = image.copy()
        values = 255 * refined[0].permute(1, 2, 0).contiguous().numpy()
        paint_enlarged(out, mask, working, values, 0.0)
        return out


def variants(folder: Path) -> dict[str, Inpainter]:
    """Build the stages, by name."""
    fresh = folder / "untrained.safetensors"
    save_network(build("rethined"), fresh)

    def load(**options: object) -> Rethined:
        method = baselines.load("rethined", backend="torch", **options)
        assert isinstance(method, Rethined)
        return method

    plain = load(rim_detail=1.0, rim=False)
    return {
        "coarse": load(detail=0.0, rim_detail=0.0, rim=False),
        "+ match": Mixed(plain.card),
        "+ upscaling": plain,
        "+ share": load(rim=False),
        "+ rim": load(),
        "untrained": load(weights=fresh),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", default="test")
    parser.add_argument("--size", default="1024")
    parser.add_argument("--presets", nargs="+", default=("df8k", "df8k-small"))
    parser.add_argument("--draws", type=int, default=2)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--work", type=Path, required=True, help="folder for the fresh network's weights")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    options.cache = None
    methods = {**variants(options.work), "harmonic": baselines.load("harmonic")}
    table = []
    for preset in options.presets:
        found = learned_texture.measure(methods, options.data, options.size, preset, options)
        base = learned_texture.summary(found["harmonic"])["l1"]
        for name, records in found.items():
            row = learned_texture.summary(records)
            table.append({"preset": preset, "size": options.size, "variant": name, **row})
            print(
                f"{preset:<12}{name:<14}L1 / harmonic {row['l1'] / base:6.3f}  energy {row['energy']:5.2f}  "
                f"gap {row['energy_gap']:5.2f}  swd {row['swd']:7.1f}  n {row['n']:.0f}",
                flush=True,
            )
    if options.json:
        options.json.write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
