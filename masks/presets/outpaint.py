"""Bands along the frame, for outpainting."""

from df8k.masks.acceptance import Rules
from df8k.masks.preset import Preset
from df8k.masks.raster.lattice import Frame
from df8k.masks.samplers.drawing import Drawing
from df8k.masks.samplers.shapes import frame_bands
from df8k.masks.seeding import Stream


def _sampler(choice: Stream, stream: Stream, frame: Frame) -> Drawing:
    return frame_bands(("one", "two", "four")[choice.between(0, 2)], stream, frame)


PRESETS = (
    Preset(
        name="outpaint",
        version=1,
        content="bands along one, two or four sides, each 4 to 25 % of the frame",
        source="the outpainting bands of advimman/lama",
        sampler=_sampler,
        rules=Rules(band=(35, 755)),
    ),
)
