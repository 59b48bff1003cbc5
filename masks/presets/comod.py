"""CoModGAN's rectangles and brush strokes, at any coverage and in five bins of it."""

from typing import Final

from df8k.masks.acceptance import Rules
from df8k.masks.preset import Preset
from df8k.masks.raster.lattice import UNITS, Frame
from df8k.masks.samplers.brushes import BrushLaw, brushes
from df8k.masks.samplers.drawing import Drawing, plain
from df8k.masks.samplers.shapes import half_outside_boxes
from df8k.masks.samplers.strokes import px512, spread_over
from df8k.masks.seeding import Stream

_BRUSH: Final = BrushLaw(vertices=(4, 17), width=(px512(12), px512(48)))


def _comod(name: str, band: tuple[int, int]) -> Preset:
    density = min(sum(band), 1000)  # of shapes, in 1 / 1000

    def sampler(_choice: Stream, stream: Stream, frame: Frame) -> Drawing:
        shapes = half_outside_boxes(10 * density // 1000, UNITS // 2, stream, frame)
        shapes += half_outside_boxes(5 * density // 1000, UNITS, stream, frame)
        count = spread_over(frame, stream.between(0, 20 * density // 1000 - 1), stream)
        shapes += brushes(_BRUSH, count, stream, frame)
        return plain("brushes-and-boxes", shapes)

    return Preset(
        name=name,
        version=1,
        content=f"CoModGAN's rectangles and brush strokes, {band[0] // 10} to {band[1] // 10} % missing",
        source="zsyzzsoft/co-mod-gan, mask_generator.py; MI-GAN uses the same law",
        sampler=sampler,
        rules=Rules(band=band),
        attempts=1000,
    )


PRESETS = (
    _comod("comod", (0, 1000)),
    *(_comod(f"comod-{fifth}", (200 * fifth, 200 * fifth + 200)) for fifth in range(5)),
)
