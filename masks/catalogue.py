"""The catalogue of presets.

A preset is never changed: an improved one gets the next version, and the older one stays under its full name
``name-vN``.
"""

from difflib import get_close_matches
from typing import Final

from .acceptance import Rules
from .drawing import Drawing
from .errors import MaskError
from .lattice import Frame
from .preset import Preset
from .seeding import Stream
from .shapes import BoxLaw, blobs, box_pool
from .strokes import ChainLaw, chain_pool, px512

ALIASES: Final = {"df8k": "band-30-50", "df8k-small": "blobs"}

_THIN: Final = ChainLaw(chains=(4, 71), length=(px512(10), px512(109)), width=(px512(5), px512(24)))
_MEDIUM: Final = ChainLaw(chains=(4, 11), length=(px512(10), px512(209)), width=(px512(5), px512(104)))
_THICK: Final = ChainLaw(chains=(1, 6), length=(px512(10), px512(459)), width=(px512(5), px512(254)))
_MEDIUM_BOXES: Final = BoxLaw(boxes=(1, 5), side=(px512(30), px512(150)))
_THICK_BOXES: Final = BoxLaw(boxes=(1, 4), side=(px512(30), px512(300)), margin=px512(10))
_BLOB_DIAMETER: Final = (1311, 5243)  # 0.02 and 0.08 of the short side


def _banded(choice: Stream, stream: Stream, frame: Frame) -> Drawing:
    kind = ("thin", "medium", "thick")[choice.between(0, 2)]
    with_boxes = choice.chance(3, 13)
    if kind == "thin":
        return chain_pool(_THIN, kind, stream, frame)
    if with_boxes:
        return box_pool(_MEDIUM_BOXES if kind == "medium" else _THICK_BOXES, f"{kind}-boxes", stream, frame)
    return chain_pool(_MEDIUM if kind == "medium" else _THICK, kind, stream, frame)


def _blobs(_choice: Stream, stream: Stream, frame: Frame) -> Drawing:
    return blobs((30, 60), _BLOB_DIAMETER, stream, frame)


_BAND_DEPTH: Final = {"thin": 250, "medium": 250, "medium-boxes": 250, "thick": 350, "thick-boxes": 350}


def _band(low: int, high: int) -> Preset:
    return Preset(
        name=f"band-{low}-{high}",
        version=1,
        content=f"Thin, medium and thick strokes or boxes in equal thirds, {low} to {high} % missing.",
        source="RETHINED section 4: free-form masks similar to LaMa that cover 30-50 %; laws as in lama-*.",
        sampler=_banded,
        rules=Rules(band=(10 * low, 10 * high), depth=_BAND_DEPTH, side=(9, 10), border=(1, 2), clean=(1, 4)),
        target=(1000 * low + _MARGIN, 1000 * high - _MARGIN),
        prefix=True,
    )


# Distance that wanted coverages keep from the ends of a band, in 1 / 100,000: several times the most that
# a mask's coverage moves between sizes.
_MARGIN: Final = 250

_ENTRIES: Final = (
    _band(30, 50),
    _band(10, 30),
    Preset(
        name="blobs",
        version=1,
        content="30 to 60 scattered ellipses and short capsules, 2 to 8 % of the short side across.",
        source="The masks in RETHINED's figures, as measured: 3-9 % missing in small separate blobs.",
        sampler=_blobs,
        rules=Rules(band=(30, 90)),
        target=(3000 + _MARGIN, 9000 - _MARGIN),
    ),
)

PRESETS: Final = {preset.full_name: preset for preset in _ENTRIES}


def find(name: str) -> Preset:
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


def names() -> list[str]:
    """Names of all presets in their newest version, in the order of the catalogue."""
    return list(dict.fromkeys(preset.name for preset in PRESETS.values()))
