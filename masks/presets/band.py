"""Thin, medium and thick strokes or boxes inside a band of coverage: the official preset of DF8K."""

from typing import Final

from df8k.masks.acceptance import Rules
from df8k.masks.preset import Preset, coverage_inside
from df8k.masks.raster.lattice import Frame
from df8k.masks.samplers.drawing import Drawing
from df8k.masks.samplers.shapes import box_pool
from df8k.masks.samplers.strokes import chain_pool
from df8k.masks.seeding import Stream

from .lama import MEDIUM, MEDIUM_BOXES, THICK, THICK_BOXES, THIN

_DEPTH: Final = {"thin": 250, "medium": 250, "medium-boxes": 250, "thick": 350, "thick-boxes": 350}


def _sampler(choice: Stream, stream: Stream, frame: Frame) -> Drawing:
    kind = ("thin", "medium", "thick")[choice.between(0, 2)]
    with_boxes = choice.chance(3, 13)
    if kind == "thin":
        return chain_pool(THIN, kind, stream, frame)
    if with_boxes:
        return box_pool(MEDIUM_BOXES if kind == "medium" else THICK_BOXES, f"{kind}-boxes", stream, frame)
    return chain_pool(MEDIUM if kind == "medium" else THICK, kind, stream, frame)


def _band(low: int, high: int) -> Preset:
    band = (10 * low, 10 * high)
    return Preset(
        name=f"band-{low}-{high}",
        version=1,
        content=f"thin, medium and thick strokes or boxes in equal thirds, {low} to {high} % missing",
        source="RETHINED, section 4: free-form masks similar to LaMa's that cover 30-50 %",
        sampler=_sampler,
        rules=Rules(band=band, depth=_DEPTH, side=(9, 10), border=(1, 2), clean=(1, 4)),
        target=coverage_inside(band),
        prefix=True,
    )


PRESETS = (_band(30, 50), _band(10, 30))
