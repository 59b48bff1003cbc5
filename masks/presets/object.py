"""Outlines like those of objects."""

from masks.acceptance import Rules
from masks.preset import Preset, coverage_inside
from masks.raster.lattice import UNITS, Frame
from masks.samplers.drawing import Drawing
from masks.samplers.silhouettes import silhouettes
from masks.seeding import Stream

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
