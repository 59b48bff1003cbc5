"""Long thin lines."""

from masks.acceptance import Rules
from masks.preset import Preset, coverage_inside
from masks.raster.lattice import Frame
from masks.samplers.brushes import scratches
from masks.samplers.drawing import Drawing
from masks.seeding import Stream

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
