"""Two methods of OpenCV's contributed module xphoto: shift maps, and frequency-selective reconstruction."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from df8k.baselines.base import Image, Mask, MethodCard, MethodError

from .peer import SECONDS, PeerFill, in_worker

_PATCH_PX = 8  # of the shift maps
_KNOWN = np.uint8(255)


def xphoto_shiftmap(
    *,
    device: str = "cpu",  # noqa: ARG001 - factories share one signature
    megapixels: float = 0.3,
    seconds: float = SECONDS,
) -> PeerFill:
    """Load ``INPAINT_SHIFTMAP``: each missing pixel takes one of the few commonest shifts.

    Args:
        device: not used; runs on the CPU.
        megapixels: largest picture, in millions of pixels.
        seconds: limit of a call.

    Raises:
        MethodError: the installed OpenCV lacks the module.
    """
    source = "He and Sun, Statistics of Patch Offsets for Image Completion, ECCV 2012"
    return _peer("xphoto-shiftmap", "shiftmap", source, megapixels, seconds)


def xphoto_fsr(
    *,
    device: str = "cpu",  # noqa: ARG001 - factories share one signature
    quality: str = "fast",
    megapixels: float = 1.1,
    seconds: float = SECONDS,
) -> PeerFill:
    """Load ``INPAINT_FSR_FAST`` or ``INPAINT_FSR_BEST``.

    Args:
        device: not used; runs on the CPU.
        quality: ``fast`` or ``best``.
        megapixels: largest picture, in millions of pixels.
        seconds: limit of a call.

    Raises:
        MethodError: another quality, or the installed OpenCV lacks the module.
    """
    if quality not in {"fast", "best"}:
        raise MethodError(f"quality must be fast or best; got {quality!r}")
    source = "Genser et al., Fast and Reliable Frequency Selective Reconstruction, 2018"
    return _peer("xphoto-fsr", f"fsr_{quality}", source, megapixels, seconds)


def _peer(name: str, algorithm: str, source: str, megapixels: float, seconds: float) -> PeerFill:
    if not hasattr(cv2, "xphoto"):
        raise MethodError(
            f"{name} needs cv2.xphoto, which the installed OpenCV {cv2.__version__} lacks: "
            "run pip install opencv-contrib-python-headless in place of the other OpenCV package"
        )
    options = {"algorithm": algorithm}
    card = MethodCard(
        name=name,
        version=f"1-opencv-{cv2.__version__}",
        summary=f"peer: cv2.xphoto.INPAINT_{algorithm.upper()}",
        source=source,
        licence="Apache-2.0 (OpenCV)",
        learning="none",
        settings=options,
    )
    return PeerFill(
        card,
        in_worker("df8k.baselines.peers.xphoto:fill", seconds, options),
        megapixels=megapixels,
        patch_px=_PATCH_PX,
    )


def fill(algorithm: str) -> Callable[[Image, Mask], Image]:
    """Make the call; runs in the worker process. Shift maps compare in CIE Lab, as OpenCV asks for."""
    flag: Any = getattr(cv2.xphoto, f"INPAINT_{algorithm.upper()}")
    lab = algorithm == "shiftmap"

    def inpaint(image: Image, mask: Mask) -> Image:
        source = cv2.cvtColor(image, cv2.COLOR_RGB2Lab) if lab else image
        output = np.zeros_like(source)
        cv2.setRNGSeed(0)
        cv2.xphoto.inpaint(source, (~mask) * _KNOWN, output, flag)
        return np.asarray(cv2.cvtColor(output, cv2.COLOR_Lab2RGB) if lab else output, np.uint8)

    return inpaint
