"""Long thin lines."""

from df8k.masks.acceptance import Rules
from df8k.masks.preset import Preset, coverage_inside
from df8k.masks.raster.lattice import Frame
from df8k.masks.samplers.brushes import scratches
from df8k.masks.samplers.drawing import Drawing
from df8k.masks.seeding import Stream

_BAND = (10, 60)


def _sampler(_choice: Stream, stream: Stream, frame: Frame) -> Drawing:
    return scratches(stream, frame)


PRESETS = (
    Preset(
        name="scratch",
        version=1,
        content="long thin lines, 1 to 6 % missing",
        source="our own",
        sampler=_sampler,
        rules=Rules(band=_BAND),
        target=coverage_inside(_BAND),
        prefix=True,
    ),
)
