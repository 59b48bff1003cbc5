"""Lines of block letters, as in watermarks."""

from df8k.masks.acceptance import Rules
from df8k.masks.preset import Preset, coverage_inside
from df8k.masks.raster.lattice import Frame
from df8k.masks.samplers.brushes import lettering
from df8k.masks.samplers.drawing import Drawing
from df8k.masks.seeding import Stream

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
