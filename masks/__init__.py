"""Free-form masks: the same bytes everywhere, the same shape at every size.

Everywhere in memory a mask is a bool array ``(H, W)``, True = missing; in a PNG 255 = missing.

Example:
    >>> from df8k import masks
    >>> vector = masks.synthesize(aspect=(3, 2), preset="df8k", key="any stable text")
    >>> small, large = vector.coverage(768, 512), vector.coverage(3072, 2048)
    >>> 0.30 <= small <= 0.50 and abs(small - large) < 0.002
    True
    >>> masks.VectorMask.from_json(vector.json) == vector
    True
"""

from _df8k.short_names import join

join(__name__)

from _df8k.files import write_bytes as write_atomically  # noqa: E402 - one module has one name

from .acceptance import LEAST_SHORT_SIDE  # noqa: E402
from .catalogue import ALIASES, PRESETS, find_preset, preset_names  # noqa: E402
from .coco import from_coco, to_coco  # noqa: E402
from .errors import MaskError, PolarityWarning  # noqa: E402
from .figures import contact_sheet, heat_map, overlay, show, statistics_figure  # noqa: E402
from .files import decode_png, encode_png, read_vectors, write_vectors  # noqa: E402
from .importing import MaskFolder, import_mask, looks_inverted  # noqa: E402
from .lowres import low_resolution  # noqa: E402
from .preset import Preset  # noqa: E402
from .raster.runs import Runs, runs_of  # noqa: E402
from .segmentation import LAMA_PLACEMENT, PlacementRules, from_segmentation  # noqa: E402
from .statistics import MaskStatistics, describe, preset_statistics, summarize  # noqa: E402
from .synthesis import synthesize  # noqa: E402
from .vector import VectorMask  # noqa: E402

__all__ = [
    "ALIASES",
    "LAMA_PLACEMENT",
    "LEAST_SHORT_SIDE",
    "PRESETS",
    "MaskError",
    "MaskFolder",
    "MaskStatistics",
    "PlacementRules",
    "PolarityWarning",
    "Preset",
    "Runs",
    "VectorMask",
    "contact_sheet",
    "decode_png",
    "describe",
    "encode_png",
    "find_preset",
    "from_coco",
    "from_segmentation",
    "heat_map",
    "import_mask",
    "looks_inverted",
    "low_resolution",
    "overlay",
    "preset_names",
    "preset_statistics",
    "read_vectors",
    "runs_of",
    "show",
    "statistics_figure",
    "summarize",
    "synthesize",
    "to_coco",
    "write_atomically",
    "write_vectors",
]
