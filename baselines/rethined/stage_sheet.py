"""Contact sheet of a run: the result of each stage, and the sources of the hole's detail."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from _df8k.files import atomic_file
from df8k.baselines.base import Image, Mask, MethodError, check_inputs

from .method import Rethined, Trace
from .network.geometry import PATCH

_COLOURS = ((230, 60, 60), (60, 180, 75), (65, 105, 225), (245, 160, 30), (150, 60, 190), (40, 190, 190))
_GAP = 12
_TITLE_PX = 30


def explain(
    method: Rethined,
    image: Image,
    mask: Mask,
    path: str | Path,
    *,
    points: Sequence[tuple[int, int]] | None = None,
    panel_px: int = 640,
) -> Path:
    """Run a method and write a PNG with input, coarse, low band, sources, low-resolution result and final.

    Args:
        method: as `baselines.load` returns it for ``rethined`` or ``rethined-large``.
        image: uint8 RGB ``(H, W, 3)``.
        mask: bool ``(H, W)``, ``True`` = missing.
        path: PNG to write, atomically.
        points: image positions ``(y, x)`` under the mask whose sources are drawn; ``None`` picks six, spread
            over the hole.
        panel_px: longer side of each panel.

    Returns:
        The path.

    Raises:
        MethodError: wrong arrays, a method without these stages, or a point outside the hole.
    """
    if not isinstance(method, Rethined):
        raise MethodError(
            f"explain shows the stages of rethined and rethined-large; got {type(method).__name__}"
        )
    check_inputs(image, mask)
    image, mask = np.ascontiguousarray(image), np.ascontiguousarray(mask)
    trace = method.trace(image, mask)
    final = method(image, mask)
    known = np.where(mask[..., None], 0, image).astype(np.uint8)
    height, width = -(-mask.shape[0] // trace.working.scale), -(-mask.shape[1] // trace.working.scale)
    untrained = " (untrained)" if method.card.untrained else ""
    panels = {
        "input": known,
        f"coarse{untrained}": _bytes(trace.coarse[:height, :width]),
        "low band": _bytes(trace.low[:height, :width]),
        "sources of six patches" if points is None else "sources": _sources(known, mask, trace, points),
        "working resolution": trace.result,
        f"final{untrained}": final,
    }
    sheet = _sheet(panels, panel_px)
    path = Path(path)
    done, data = cv2.imencode(".png", sheet[..., ::-1])
    if not done:  # pragma: no cover - OpenCV encodes any uint8 image
        raise MethodError(f"OpenCV could not encode the sheet of shape {sheet.shape}")
    with atomic_file(path) as file:
        file.write(data.tobytes())
    return path


def _bytes(picture: npt.NDArray[np.float32]) -> Image:
    return np.asarray(np.clip(255 * picture + 0.5, 0, 255), dtype=np.uint8)


def _sources(known: Image, mask: Mask, trace: Trace, points: Sequence[tuple[int, int]] | None) -> Image:
    canvas = known.copy()
    scale, side = trace.cells.scale, PATCH * trace.working.scale
    thick = max(1, max(canvas.shape) // 320)
    if points is None:
        cells = np.argwhere(trace.cells.hole)
        spread = np.linspace(0, len(cells) - 1, len(_COLOURS)) if len(cells) else np.empty(0)
        chosen = [(int(y), int(x)) for y, x in cells[sorted({int(k) for k in spread})]]
    else:
        for point in points:
            if not mask[point]:
                raise MethodError(f"{point} is not in the hole; choose a position (y, x) under the mask")
        chosen = [(y // scale, x // scale) for y, x in points]
    for n, (y, x) in enumerate(chosen if trace.shifts is not None else []):
        assert trace.shifts is not None
        colour = _COLOURS[n % len(_COLOURS)]
        dy, dx = (int(step) for step in trace.shifts[y, x])
        middle = [(scale * (x + u) + scale // 2, scale * (y + v) + scale // 2) for v, u in ((dy, dx), (0, 0))]
        for u, v in middle:
            cv2.rectangle(
                canvas, (u - side // 2, v - side // 2), (u + side // 2, v + side // 2), colour, thick
            )
        cv2.arrowedLine(canvas, middle[0], middle[1], colour, thick, cv2.LINE_AA, tipLength=0.04)
    return canvas


def _sheet(panels: dict[str, Image], panel_px: int) -> Image:
    height, width = panels["input"].shape[:2]
    factor = panel_px / max(height, width)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    rows = []
    items = list(panels.items())
    for start in range(0, len(items), 3):
        row = []
        for title, picture in items[start : start + 3]:
            shrink = picture.shape[1] > size[0]
            fitted = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrink else cv2.INTER_CUBIC)
            panel = np.full((size[1] + _TITLE_PX, size[0] + _GAP, 3), 255, np.uint8)
            panel[_TITLE_PX:, : size[0]] = fitted
            cv2.putText(panel, title, (2, 21), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (20, 20, 20), 1, cv2.LINE_AA)
            row.append(panel)
        rows.append(np.concatenate(row, axis=1))
    return np.concatenate(rows)
