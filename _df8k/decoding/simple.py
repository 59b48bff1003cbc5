"""GIF, PBM, PGM and PPM through Pillow: formats of masks, not of photographs."""

import io
from typing import Final

import numpy as np
from PIL import GifImagePlugin, ImageFile, PpmImagePlugin

from .raster import Raster, Rejected, Samples, check_size, transparent

_FULL: Final = 255


def read_simple(data: bytes) -> Raster:
    """Decode the first picture of a file.

    Raises:
        Rejected: damaged, transparent, or of floating-point samples.
    """
    gif = data.startswith(b"GIF")
    file: ImageFile.ImageFile = (GifImagePlugin.GifImageFile if gif else PpmImagePlugin.PpmImageFile)(
        io.BytesIO(data)
    )
    with file:
        check_size(*file.size)
        file.load()
        if file.mode == "F":
            raise Rejected("decode", "floating-point samples, of which nobody says what white is")
        if "A" in file.getbands() or "transparency" in file.info:
            lowest = file.convert("RGBA").getchannel("A").getextrema()[0]
            if lowest != _FULL:
                raise transparent(float(lowest))  # type: ignore[arg-type]
        samples: Samples
        if file.mode in ("I", "I;16"):  # Pillow scales samples of more than 8 bits to 16
            samples = np.asarray(file).astype(np.uint16)
        else:
            grey = file.mode in ("1", "L")
            samples = np.asarray(file.convert("L" if grey else "RGB"), dtype=np.uint8)
    return Raster(samples, "grey" if samples.ndim == 2 else "rgb", container="GIF" if gif else "PNM")
