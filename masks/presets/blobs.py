"""Small ellipses and short capsules, as RETHINED's figures show them."""

from df8k.masks.acceptance import Rules
from df8k.masks.preset import Preset, coverage_inside
from df8k.masks.raster.lattice import Frame
from df8k.masks.samplers.drawing import Drawing
from df8k.masks.samplers.shapes import blobs
from df8k.masks.seeding import Stream

_BAND = (30, 90)


def _sampler(_choice: Stream, stream: Stream, frame: Frame) -> Drawing:
    return blobs((30, 60), (1311, 5243), stream, frame)  # 2 to 8 % of the short side


PRESETS = (
    Preset(
        name="blobs",
        version=1,
        content="30 to 60 small ellipses and short capsules, 3 to 9 % missing",
        source="the masks in RETHINED's figures, as measured: 3-9 % missing in small separate blobs",
        sampler=_sampler,
        rules=Rules(band=_BAND),
        target=coverage_inside(_BAND),
    ),
)
