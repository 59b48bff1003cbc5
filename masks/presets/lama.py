"""LaMa's chains of strokes and boxes, in relative lengths."""

from dataclasses import replace
from typing import Final

from df8k.masks.acceptance import Rules
from df8k.masks.preset import Preset
from df8k.masks.raster.lattice import Frame
from df8k.masks.samplers.drawing import Drawing
from df8k.masks.samplers.shapes import BoxLaw, boxes
from df8k.masks.samplers.strokes import ChainLaw, chains, px512
from df8k.masks.seeding import Stream

THIN: Final = ChainLaw(chains=(4, 71), length=(px512(10), px512(109)), width=(px512(5), px512(24)))
MEDIUM: Final = ChainLaw(chains=(4, 11), length=(px512(10), px512(209)), width=(px512(5), px512(104)))
THICK: Final = ChainLaw(chains=(1, 6), length=(px512(10), px512(459)), width=(px512(5), px512(254)))
MEDIUM_BOXES: Final = BoxLaw(boxes=(1, 5), side=(px512(30), px512(150)))
THICK_BOXES: Final = BoxLaw(boxes=(1, 4), side=(px512(30), px512(300)), margin=px512(10))


def _lama(
    name: str, law: ChainLaw, box_law: BoxLaw | None, box_percent: int = 0, *, four: bool = False
) -> Preset:
    strokes = replace(law, directions="four") if four else law

    def sampler(choice: Stream, stream: Stream, frame: Frame) -> Drawing:
        # LaMa draws boxes in 3 of 13 cases, but its limit on coverage refuses strokes more often; these
        # strokes pass less often still: the fraction of boxes that it leaves is drawn once for all redraws.
        with_boxes = stream.chance(3, 13) if four else choice.chance(box_percent, 100)
        if box_law is not None and with_boxes:
            return boxes(box_law, "boxes", stream, frame)
        return chains(strokes, "strokes", stream, frame)

    angles = "LaMa's four angles, mirrored in every other chain" if four else "any direction"
    return Preset(
        name=f"{name}-four" if four else name,
        version=1,
        content=f"LaMa's {name[5:]} law in relative lengths: chains of strokes in {angles}"
        + (", or boxes" if box_law else ""),
        source="advimman/lama, random_*_512 configurations of gen_mask_dataset.py",
        sampler=sampler,
        rules=Rules(band=(10, 500)),
    )


PRESETS = (
    _lama("lama-thin", THIN, None),
    _lama("lama-medium", MEDIUM, MEDIUM_BOXES, 29),
    _lama("lama-thick", THICK, THICK_BOXES, 43),
    _lama("lama-thin", THIN, None, four=True),
    _lama("lama-medium", MEDIUM, MEDIUM_BOXES, four=True),
    _lama("lama-thick", THICK, THICK_BOXES, four=True),
)
