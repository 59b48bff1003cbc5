"""Irregular patches in six bins of area, at the border or inside."""

from typing import Final, Literal

from df8k.masks.acceptance import Rules
from df8k.masks.preset import Preset, coverage_inside
from df8k.masks.raster.lattice import UNITS, Frame
from df8k.masks.samplers.drawing import Drawing
from df8k.masks.samplers.shapes import PatchLaw, patches
from df8k.masks.seeding import Stream

_INNER_MARGIN: Final = 6423  # 50 pixels of 512, and a little


def _ratio(index: int, position: Literal["border", "inner"]) -> Preset:
    band = (10 if index == 1 else 100 * (index - 1), 100 * index)
    scale = (0, 4, 6, 8, 10, 10, 10)[index]
    pool = (0, 3, 6, 9, 13, 18, 24)[index]
    law = PatchLaw(
        radius=(UNITS * scale // 400, UNITS * scale // 80),
        length=(UNITS * scale // 200, UNITS * scale // 35),
        width=(UNITS * scale // 500, UNITS * scale // 60),
        pool=pool if position == "border" else 2 * pool if index < 5 else 6 * pool,
        margin=_INNER_MARGIN if position == "inner" else 0,
        packed=position == "inner" and index >= 5,
    )

    def sampler(_choice: Stream, stream: Stream, frame: Frame) -> Drawing:
        return patches(law, position, stream, frame)

    where = "at least 9.8 % of the short side from the frame" if law.margin else "anywhere"
    return Preset(
        name=f"ratio-{index}-{position}",
        version=1,
        content=f"irregular patches {where}, {band[0] // 10} to {band[1] // 10} % missing",
        source="the area bins of Liu et al. 2018 (NVIDIA irregular masks); shapes are our own",
        sampler=sampler,
        rules=Rules(band=band, margin=law.margin or None),
        target=coverage_inside(band),
        prefix=True,
    )


PRESETS = tuple(
    preset for index in range(1, 7) for preset in (_ratio(index, "border"), _ratio(index, "inner"))
)
