"""DeepFillv2's zig-zag brush and one box."""

from typing import Final

from df8k.masks.acceptance import Rules
from df8k.masks.preset import Preset
from df8k.masks.raster.lattice import Frame
from df8k.masks.samplers.brushes import BrushLaw, brushes
from df8k.masks.samplers.drawing import Drawing, plain
from df8k.masks.samplers.shapes import snapped_box
from df8k.masks.samplers.strokes import px256, spread_over
from df8k.masks.seeding import Stream

_BRUSH: Final = BrushLaw(vertices=(4, 11), width=(px256(12), px256(40)))


def _sampler(_choice: Stream, stream: Stream, frame: Frame) -> Drawing:
    shapes = brushes(_BRUSH, spread_over(frame, stream.between(1, 3), stream), stream, frame)
    width, height = frame.extent
    for _ in range(spread_over(frame, 1, stream)):
        inset_x, inset_y = stream.between(0, px256(16)), stream.between(0, px256(16))
        left = stream.between(0, width - px256(128)) + inset_x
        top = stream.between(0, height - px256(128)) + inset_y
        right, bottom = left + px256(128) - 2 * inset_x, top + px256(128) - 2 * inset_y
        shapes.append(snapped_box(left, top, right, bottom))
    return plain("brush-and-box", shapes)


PRESETS = (
    Preset(
        name="deepfill",
        version=1,
        content="DeepFillv2's zig-zag brush strokes and one box, in relative lengths",
        source="JiahuiYu/generative_inpainting, inpaint_ops.py at its native 256",
        sampler=_sampler,
        rules=Rules(band=(10, 700)),
    ),
)
