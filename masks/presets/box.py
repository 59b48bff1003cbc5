"""Rectangles, centred or anywhere."""

from df8k.masks.acceptance import Rules
from df8k.masks.preset import Preset
from df8k.masks.raster.lattice import Frame
from df8k.masks.samplers.drawing import Drawing
from df8k.masks.samplers.shapes import single_box
from df8k.masks.seeding import Stream


def _sampler(choice: Stream, stream: Stream, frame: Frame) -> Drawing:
    kinds = ("centred-2", "centred-4", "random-2", "random-4")
    return single_box(kinds[choice.between(0, 3)], stream, frame)


PRESETS = (
    Preset(
        name="box",
        version=1,
        content="one rectangle of the frame's aspect, centred or anywhere, 6.25 or 25 % missing",
        source="centre and random square masks of Context Encoders and later work",
        sampler=_sampler,
        rules=Rules(band=(58, 255)),
    ),
)
