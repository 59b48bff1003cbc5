"""Outlines like those of objects."""

from df8k.masks.acceptance import Rules
from df8k.masks.preset import Preset, coverage_inside
from df8k.masks.raster.lattice import UNITS, Frame
from df8k.masks.samplers.drawing import Drawing
from df8k.masks.samplers.silhouettes import silhouettes
from df8k.masks.seeding import Stream

_BAND = (20, 300)


def _sampler(_choice: Stream, stream: Stream, frame: Frame) -> Drawing:
    return silhouettes("object", stream, frame, size=(UNITS // 40, UNITS), objects=(1, 1), parts=(0, 3))


PRESETS = (
    Preset(
        name="object",
        version=1,
        content="one object-like outline, 2 to 30 % missing",
        source="our own",
        sampler=_sampler,
        rules=Rules(band=_BAND),
        target=coverage_inside(_BAND),
    ),
)
