"""OpenCV's two classical inpainting algorithms."""

import cv2
import numpy as np

from .base import Image, Mask, MethodCard, check_inputs
from .mean import MeanFill

_RADIUS = 3.0
_SMALLEST = 8  # px
_SOURCES = {
    "telea": (cv2.INPAINT_TELEA, "A. Telea, An Image Inpainting Technique Based on Fast Marching, 2004"),
    "ns": (cv2.INPAINT_NS, "M. Bertalmio et al., Navier-Stokes, Fluid Dynamics, and Image Inpainting, 2001"),
}


class OpenCVFill:
    """`cv2.inpaint` with a fixed radius in pixels.

    The radius is the neighbourhood that each filled pixel averages; 3 is OpenCV's own example value. Both
    algorithms march inwards from the border of the hole and do not read what stands under it.
    """

    def __init__(self, name: str, radius: float) -> None:
        flag, source = _SOURCES[name]
        self._flag, self._radius = flag, radius
        self.card = MethodCard(
            name=name,
            version=f"1-opencv-{cv2.__version__}",
            summary=f"cv2.inpaint, radius {radius:g} px",
            source=source,
            licence="Apache-2.0 (OpenCV)",
            learning="none",
            settings={"radius_px": radius},
        )

    def __call__(self, image: Image, mask: Mask) -> Image:
        """Fill the hole; see `baselines.Inpainter`."""
        check_inputs(image, mask)
        if mask.all():  # OpenCV has nothing to march from and would return the input
            return MeanFill()(image, mask)
        source = image.copy()
        source[mask] = 0
        hole = mask.view(np.uint8)
        height, width = mask.shape
        if min(height, width) < _SMALLEST:
            # OpenCV reads past the ends of pictures of a pixel's height or width, whatever lies there.
            sides = [(0, max(0, _SMALLEST - length)) for length in (height, width)]
            source = np.pad(source, [*sides, (0, 0)], mode="edge")
            hole = np.pad(hole, sides, mode="edge")
        # Both algorithms treat channels alike, so RGB needs no reordering.
        filled = cv2.inpaint(source, hole, self._radius, self._flag)[:height, :width]
        return np.ascontiguousarray(filled, dtype=np.uint8)


def telea(*, device: str = "cpu", radius: float = _RADIUS) -> OpenCVFill:  # noqa: ARG001 - one signature
    """Load Telea's fast marching fill; ``radius`` in pixels."""
    return OpenCVFill("telea", radius)


def ns(*, device: str = "cpu", radius: float = _RADIUS) -> OpenCVFill:  # noqa: ARG001 - one signature
    """Load the Navier-Stokes fill; ``radius`` in pixels."""
    return OpenCVFill("ns", radius)
