"""Silhouettes or a scribble, as HiFill was trained with."""

from df8k.masks.acceptance import Rules
from df8k.masks.preset import Preset, coverage_inside
from df8k.masks.raster.lattice import UNITS, Frame
from df8k.masks.samplers.drawing import Drawing
from df8k.masks.samplers.silhouettes import silhouettes
from df8k.masks.samplers.strokes import ChainLaw, chain_pool, px512
from df8k.masks.seeding import Stream

_BAND = (80, 250)


def _sampler(choice: Stream, stream: Stream, frame: Frame) -> Drawing:
    if choice.chance(1, 2):
        size = (UNITS // 30, UNITS * 3 // 10)
        return silhouettes("silhouette", stream, frame, size=size, objects=(1, 4), parts=(0, 3))
    law = ChainLaw(chains=(1, 1), length=(px512(30), px512(160)), width=(px512(10), px512(40)))
    return chain_pool(law, "strokes", stream, frame)


PRESETS = (
    Preset(
        name="hifill",
        version=1,
        content="one silhouette or a scribble, borders included, 8 to 25 % missing",
        source="the <= 25 % rule and statistics of duxingren14/Hifill-tensorflow; shapes are our own",
        sampler=_sampler,
        rules=Rules(band=_BAND),
        target=coverage_inside(_BAND),
        prefix=True,
    ),
)
