"""The catalogue of presets.

A preset is never changed: an improved one gets the next version, and the older one stays under its full name
``name-vN``.
"""

from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from .acceptance import Rules
from .brushes import BrushLaw, brushes, lettering, scratches
from .drawing import Drawing, plain
from .errors import MaskError
from .lattice import UNITS, Frame
from .preset import Preset, Sampler
from .seeding import Stream
from .shapes import (
    BoxLaw,
    PatchLaw,
    blobs,
    box_pool,
    boxes,
    frame_bands,
    half_outside_boxes,
    patches,
    single_box,
    snapped_box,
)
from .silhouettes import silhouettes
from .strokes import ChainLaw, chain_pool, chains, px256, px512, spread_over

ALIASES: Final = {"df8k": "band-30-50", "df8k-small": "blobs"}

# Recipes that are published in pixels of a 256 or 512 canvas, as lattice units.
_THIN: Final = ChainLaw(chains=(4, 71), length=(px512(10), px512(109)), width=(px512(5), px512(24)))
_MEDIUM: Final = ChainLaw(chains=(4, 11), length=(px512(10), px512(209)), width=(px512(5), px512(104)))
_THICK: Final = ChainLaw(chains=(1, 6), length=(px512(10), px512(459)), width=(px512(5), px512(254)))
_MEDIUM_BOXES: Final = BoxLaw(boxes=(1, 5), side=(px512(30), px512(150)))
_THICK_BOXES: Final = BoxLaw(boxes=(1, 4), side=(px512(30), px512(300)), margin=px512(10))
_DEEPFILL: Final = BrushLaw(vertices=(4, 11), width=(px256(12), px256(40)))
_COMOD: Final = BrushLaw(vertices=(4, 17), width=(px512(12), px512(48)))

_DEPTH: Final = {"thin": 250, "medium": 250, "medium-boxes": 250, "thick": 350, "thick-boxes": 350}
_INNER_MARGIN: Final = 6423  # 50 pixels of 512, and a little

# Distance that wanted coverages keep from the ends of a band, in 1 / 100,000: several times the most that
# a mask's coverage moves between sizes.
_KEEP: Final = 250


def _target(band: tuple[int, int]) -> tuple[int, int]:
    return 100 * band[0] + _KEEP, 100 * band[1] - _KEEP


def _banded(choice: Stream, stream: Stream, frame: Frame) -> Drawing:
    kind = ("thin", "medium", "thick")[choice.between(0, 2)]
    with_boxes = choice.chance(3, 13)
    if kind == "thin":
        return chain_pool(_THIN, kind, stream, frame)
    if with_boxes:
        return box_pool(_MEDIUM_BOXES if kind == "medium" else _THICK_BOXES, f"{kind}-boxes", stream, frame)
    return chain_pool(_MEDIUM if kind == "medium" else _THICK, kind, stream, frame)


def _band(low: int, high: int) -> Preset:
    band = (10 * low, 10 * high)
    return Preset(
        name=f"band-{low}-{high}",
        version=1,
        content=f"thin, medium and thick strokes or boxes in equal thirds, {low} to {high} % missing",
        source="RETHINED, section 4: free-form masks similar to LaMa's that cover 30-50 %",
        sampler=_banded,
        rules=Rules(band=band, depth=_DEPTH, side=(9, 10), border=(1, 2), clean=(1, 4)),
        target=_target(band),
        prefix=True,
    )


def _blobs(_choice: Stream, stream: Stream, frame: Frame) -> Drawing:
    return blobs((30, 60), (1311, 5243), stream, frame)  # 2 to 8 % of the short side


def _lama(
    name: str, law: ChainLaw, box_law: BoxLaw | None, box_percent: int = 0, *, four: bool = False
) -> Preset:
    strokes = replace(law, directions="four") if four else law

    def sampler(choice: Stream, stream: Stream, frame: Frame) -> Drawing:
        # LaMa draws boxes in 3 of 13 cases, but its limit on coverage refuses strokes more often. Our strokes
        # pass less often still, so the share of boxes that it leaves is chosen once for all redraws.
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


def _deepfill(_choice: Stream, stream: Stream, frame: Frame) -> Drawing:
    shapes = brushes(_DEEPFILL, spread_over(frame, stream.between(1, 3), stream), stream, frame)
    width, height = frame.extent
    for _ in range(spread_over(frame, 1, stream)):
        lost_x, lost_y = stream.between(0, px256(16)), stream.between(0, px256(16))
        left = stream.between(0, width - px256(128)) + lost_x
        top = stream.between(0, height - px256(128)) + lost_y
        right, bottom = left + px256(128) - 2 * lost_x, top + px256(128) - 2 * lost_y
        shapes.append(snapped_box(left, top, right, bottom))
    return plain("brush-and-box", shapes)


def _comod(name: str, band: tuple[int, int]) -> Preset:
    share = min(sum(band), 1000)

    def sampler(_choice: Stream, stream: Stream, frame: Frame) -> Drawing:
        shapes = half_outside_boxes(10 * share // 1000, UNITS // 2, stream, frame)
        shapes += half_outside_boxes(5 * share // 1000, UNITS, stream, frame)
        count = spread_over(frame, stream.between(0, 20 * share // 1000 - 1), stream)
        shapes += brushes(_COMOD, count, stream, frame)
        return plain("brushes-and-boxes", shapes)

    return Preset(
        name=name,
        version=1,
        content=f"CoModGAN's rectangles and brush strokes, {band[0] // 10} to {band[1] // 10} % missing",
        source="zsyzzsoft/co-mod-gan, mask_generator.py; MI-GAN uses the same law",
        sampler=sampler,
        rules=Rules(band=band),
        attempts=1000,
    )


def _hifill(choice: Stream, stream: Stream, frame: Frame) -> Drawing:
    if choice.chance(1, 2):
        size = (UNITS // 30, UNITS * 3 // 10)
        return silhouettes("silhouette", stream, frame, size=size, objects=(1, 4), parts=(0, 3))
    law = ChainLaw(chains=(1, 1), length=(px512(30), px512(160)), width=(px512(10), px512(40)))
    return chain_pool(law, "strokes", stream, frame)


def _ratio(index: int, place: str) -> Preset:
    band = (10 if index == 1 else 100 * (index - 1), 100 * index)
    scale = (0, 4, 6, 8, 10, 10, 10)[index]
    pool = (0, 3, 6, 9, 13, 18, 24)[index]
    law = PatchLaw(
        radius=(UNITS * scale // 400, UNITS * scale // 80),
        length=(UNITS * scale // 200, UNITS * scale // 35),
        width=(UNITS * scale // 500, UNITS * scale // 60),
        pool=pool if place == "border" else 2 * pool if index < 5 else 6 * pool,
        margin=_INNER_MARGIN if place == "inner" else 0,
        packed=place == "inner" and index >= 5,
    )

    def sampler(_choice: Stream, stream: Stream, frame: Frame) -> Drawing:
        return patches(law, place, stream, frame)

    where = "at least 9.8 % of the short side from the frame" if law.margin else "anywhere"
    return Preset(
        name=f"ratio-{index}-{place}",
        version=1,
        content=f"irregular patches {where}, {band[0] // 10} to {band[1] // 10} % missing",
        source="the area bins of Liu et al. 2018 (NVIDIA irregular masks); shapes are our own",
        sampler=sampler,
        rules=Rules(band=band, margin=law.margin or None),
        target=_target(band),
        prefix=True,
    )


def _objects(_choice: Stream, stream: Stream, frame: Frame) -> Drawing:
    return silhouettes("object", stream, frame, size=(UNITS // 40, UNITS), objects=(1, 1), parts=(0, 3))


def _box(choice: Stream, stream: Stream, frame: Frame) -> Drawing:
    kinds = ("centred-2", "centred-4", "random-2", "random-4")
    return single_box(kinds[choice.between(0, 3)], stream, frame)


def _outpaint(choice: Stream, stream: Stream, frame: Frame) -> Drawing:
    return frame_bands(("one", "two", "four")[choice.between(0, 2)], stream, frame)


def _scratch(_choice: Stream, stream: Stream, frame: Frame) -> Drawing:
    return scratches(stream, frame)


def _text(_choice: Stream, stream: Stream, frame: Frame) -> Drawing:
    return lettering(stream, frame)


def _own(name: str, content: str, sampler: Sampler, band: tuple[int, int], *, prefix: bool) -> Preset:
    return Preset(
        name=name,
        version=1,
        content=f"{content}, {band[0] / 10:g} to {band[1] / 10:g} % missing",
        source="our own",
        sampler=sampler,
        rules=Rules(band=band),
        target=_target(band),
        prefix=prefix,
    )


_ENTRIES: Final = (
    _band(30, 50),
    _band(10, 30),
    replace(
        _own("blobs", "30 to 60 small ellipses and short capsules", _blobs, (30, 90), prefix=False),
        source="the masks in RETHINED's figures, as measured: 3-9 % missing in small separate blobs",
    ),
    _lama("lama-thin", _THIN, None),
    _lama("lama-medium", _MEDIUM, _MEDIUM_BOXES, 29),
    _lama("lama-thick", _THICK, _THICK_BOXES, 43),
    _lama("lama-thin", _THIN, None, four=True),
    _lama("lama-medium", _MEDIUM, _MEDIUM_BOXES, four=True),
    _lama("lama-thick", _THICK, _THICK_BOXES, four=True),
    Preset(
        name="deepfill",
        version=1,
        content="DeepFillv2's zig-zag brush strokes and one box, in relative lengths",
        source="JiahuiYu/generative_inpainting, inpaint_ops.py at its native 256",
        sampler=_deepfill,
        rules=Rules(band=(10, 700)),
    ),
    _comod("comod", (0, 1000)),
    *(_comod(f"comod-{bin_}", (200 * bin_, 200 * bin_ + 200)) for bin_ in range(5)),
    replace(
        _own("hifill", "one silhouette or a scribble, borders included", _hifill, (80, 250), prefix=True),
        source="the <= 25 % rule and statistics of duxingren14/Hifill-tensorflow; shapes are our own",
    ),
    *(_ratio(index, place) for index in range(1, 7) for place in ("border", "inner")),
    _own("object", "one object-like outline", _objects, (20, 300), prefix=False),
    Preset(
        name="box",
        version=1,
        content="one rectangle of the frame's aspect, centred or anywhere, 6.25 or 25 % missing",
        source="centre and random square masks of Context Encoders and later work",
        sampler=_box,
        rules=Rules(band=(58, 255)),
    ),
    Preset(
        name="outpaint",
        version=1,
        content="bands along one, two or four sides, each 4 to 25 % of the frame",
        source="the outpainting bands of advimman/lama",
        sampler=_outpaint,
        rules=Rules(band=(35, 755)),
    ),
    _own("scratch", "long thin lines", _scratch, (10, 60), prefix=True),
    _own("text", "lines of block letters", _text, (10, 80), prefix=True),
)

PRESETS: Final = {preset.full_name: preset for preset in _ENTRIES}


def find_preset(name: str) -> Preset:
    """The preset of a name: its newest version, a version given in full, or an alias.

    Raises:
        MaskError: there is none; close names are suggested.
    """
    name = ALIASES.get(name, name)
    if name in PRESETS:
        return PRESETS[name]
    versions = [preset for preset in PRESETS.values() if preset.name == name]
    if versions:
        return max(versions, key=lambda preset: preset.version)
    known = sorted({preset.name for preset in PRESETS.values()} | set(ALIASES))
    close = get_close_matches(name, known)
    hint = f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(known)}"
    raise MaskError(f"no mask preset is called {name!r}: {hint}")


def preset_names() -> list[str]:
    """Names of all presets in their newest version, in the order of the catalogue."""
    return list(dict.fromkeys(preset.name for preset in PRESETS.values()))
