"""Lines of block letters, as in watermarks."""

from masks.acceptance import Rules
from masks.preset import Preset, coverage_inside
from masks.raster.lattice import Frame
from masks.samplers.brushes import lettering
from masks.samplers.drawing import Drawing
from masks.seeding import Stream

_BAND = (10, 80)


def _sampler(_choice: Stream, stream: Stream, frame: Frame) -> Drawing:
    return lettering(stream, frame)


PRESETS = (
    Preset(
        name="text",
        version=1,
        content="lines of block letters, 1 to 8 % missing",
        source="our own",
        sampler=_sampler,
        rules=Rules(band=_BAND),
        target=coverage_inside(_BAND),
        prefix=True,
    ),
)
