"""Pairs that the guard times: something of ours, and a peer that does the like in the same process."""

import importlib.util
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from PIL import Image

from df8k import baselines, masks, metrics
from df8k.images import decode
from df8k.scenes import render

Work = Callable[[], object]
SIDE: Final = 1024


@dataclass(frozen=True)
class Timed:
    """One pair.

    Attributes:
        name: what of ours is timed.
        peer: what it is timed against.
        make: prepares both and returns them, ours first.
        needs: package that the peer comes from, where it may be absent.
    """

    name: str
    peer: str
    make: Callable[[], tuple[Work, Work]]
    needs: str | None = None


def _task(side: int = SIDE) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scene, hole of 10 to 20 %, and the scene without what the hole hides."""
    scene = render("facade", side, side, "guard")
    hole = masks.synthesize(aspect=(1, 1), preset="df8k-small", key="guard").rasterize(side, side)
    known = scene.copy()
    known[hole] = 0
    return scene, hole, known


def _telea(side: int = SIDE) -> Work:
    _, hole, known = _task(side)
    return lambda: cv2.inpaint(known, hole.astype(np.uint8), 3, cv2.INPAINT_TELEA)


def _method(name: str) -> Callable[[], tuple[Work, Work]]:
    def make() -> tuple[Work, Work]:
        _, hole, known = _task()
        inpaint = baselines.load(name)
        return (lambda: inpaint(known, hole)), _telea()

    return make


def _decoding() -> tuple[Work, Work]:
    stream = io.BytesIO()
    Image.fromarray(render("facade", 2048, 1536, "guard")).save(stream, "JPEG", quality=92)
    data = stream.getvalue()
    return (lambda: decode(data)), (lambda: np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))


def _masks() -> tuple[Work, Work]:
    vector = masks.synthesize(aspect=(1, 1), preset="df8k", key="guard")
    bare = np.empty((4096, 4096), bool)
    return (lambda: vector.rasterize(4096, 4096)), (lambda: bare.fill(False))


def _metric(names: tuple[str, ...], peer: Callable[[np.ndarray, np.ndarray], object]) -> tuple[Work, Work]:
    scene, hole, known = _task()
    filled = baselines.load("telea")(known, hole)
    # Everywhere different, so that no shortcut for known pixels helps.
    other = cv2.GaussianBlur(filled, (3, 3), 0)
    ours = lambda: metrics.compute(other, scene, hole, names=list(names))  # noqa: E731 - as its neighbours
    return ours, (lambda: peer(other, scene))


def _ssim() -> tuple[Work, Work]:
    from skimage.metrics import structural_similarity

    return _metric(
        ("ssim",),
        lambda a, b: structural_similarity(
            a, b, channel_axis=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        ),
    )


def _haarpsi() -> tuple[Work, Work]:
    import piq
    import torch

    def tensor(picture: np.ndarray) -> "torch.Tensor":
        return torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255

    return _metric(("haarpsi",), lambda a, b: piq.haarpsi(tensor(a), tensor(b)))


PAIRS: Final = (
    Timed("decoding a JPEG of 3 megapixels", "Pillow", _decoding),
    Timed("a mask at 4096", "filling its memory", _masks),
    Timed("harmonic at 1024", "cv2 Telea", _method("harmonic")),
    Timed("patchmatch at 1024", "cv2 Telea", _method("patchmatch")),
    Timed("rethined at 1024", "cv2 Telea", _method("rethined")),
    Timed("hifill at 1024", "cv2 Telea", _method("hifill")),
    Timed("ssim at 1024", "scikit-image", _ssim),
    Timed("haarpsi at 1024", "piq", _haarpsi, needs="piq"),
)


def available(pair: Timed) -> bool:
    """Tell whether the package that the peer comes from is installed."""
    return pair.needs is None or importlib.util.find_spec(pair.needs) is not None
