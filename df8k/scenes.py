"""Procedural ultra-high-definition scenes: structure at every scale, nobody's copyright, any size.

They stand in for photographs in the demonstration, in tests and in benchmarks at sizes that no bundled
image has. Lengths are in units of the short side, so a scene looks alike at every size.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from _df8k.hints import unknown_name

from .errors import Df8kError

_Float = npt.NDArray[np.float32]


def _rgb(red: float, green: float, blue: float) -> _Float:
    return np.array([red, green, blue], np.float32)


class _Canvas:
    """Image under way: float32 RGB in [0, 1], coordinates in short sides, one random stream."""

    def __init__(self, width: int, height: int, key: str) -> None:
        self.width, self.height, self.side = width, height, min(width, height)
        self._key, self._noises = key, 0
        self.random = self._stream("")
        self.x: _Float = ((np.arange(width) + 0.5) / self.side).astype(np.float32)[None, :]
        self.y: _Float = ((np.arange(height) + 0.5) / self.side).astype(np.float32)[:, None]
        self.pixels: _Float = np.zeros((height, width, 3), np.float32)

    def _stream(self, purpose: str) -> np.random.Generator:
        seed = int.from_bytes(sha256(f"scene|{self._key}|{purpose}".encode()).digest()[:16])
        return np.random.Generator(np.random.Philox(key=seed))

    def colour(self, low: float = 0.0, high: float = 1.0) -> _Float:
        """Draw a colour of muted saturation with components in ``[low, high]``."""
        drawn = self.random.uniform(low, high, 3)
        return np.asarray(0.5 * drawn + 0.5 * drawn.mean(), dtype=np.float32)

    def noise(self, cells: int, octaves: int = 6, stretch: float = 1.0) -> _Float:
        """Draw value noise in about [-1, 1], ``cells`` across the short side; ``stretch`` is along y."""
        total = np.zeros((self.height, self.width), np.float32)
        weight = 0.5
        self._noises += 1
        for octave in range(octaves):
            across = max(2, round(cells * self.width / self.side))
            down = max(2, round(cells * self.height / self.side / stretch))
            if down > self.height or across > self.width:
                break  # finer than a pixel
            # Streams of their own: how many octaves a size has must not move what is drawn later.
            grid = self._stream(f"{self._noises}|{octave}").uniform(-1, 1, (down, across))
            size = (self.width, self.height)
            total += weight * cv2.resize(grid.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
            cells, weight = cells * 2, weight * 0.55
        return total

    def fill(self, colour: _Float, where: npt.NDArray[np.bool_]) -> None:
        self.pixels[where] = colour

    def shade(self, factor: _Float) -> None:
        self.pixels *= factor[..., None] if factor.ndim == 2 else factor

    def finish(self) -> npt.NDArray[np.uint8]:
        """Add a vignette and a little sensor noise, and round to 8 bits."""
        across = (self.x - self.x.mean()) ** 2 + (self.y - self.y.mean()) ** 2
        self.shade(1 - 0.15 * across.astype(np.float32))
        grain = self.random.standard_normal((self.height, self.width), dtype=np.float32)
        self.pixels += grain[..., None] * np.float32(1.2 / 255)
        return (np.clip(self.pixels, 0, 1) * 255 + 0.5).astype(np.uint8)


def _cells(position: _Float, count: float) -> tuple[npt.NDArray[np.int32], _Float]:
    """Find the index of the repeating cell, and the position within it in [0, 1)."""
    scaled = position * np.float32(count)
    index = np.floor(scaled)
    return index.astype(np.int32), scaled - index


def _facade(canvas: _Canvas) -> None:
    canvas.pixels[:] = canvas.colour(0.45, 0.8)
    canvas.shade(1 + 0.12 * canvas.noise(24))
    columns, rows = canvas.random.uniform(6, 11), canvas.random.uniform(5, 9)
    ix, u = _cells(canvas.x, columns)
    iy, v = _cells(canvas.y, rows)
    window = (abs(u - 0.5) < 0.3) & (abs(v - 0.5) < 0.34)
    frame = (abs(u - 0.5) < 0.35) & (abs(v - 0.5) < 0.39)
    canvas.fill(canvas.colour(0.75, 0.95), frame)
    glass = canvas.random.uniform(0.08, 0.5, (iy.max() + 1, ix.max() + 1, 1)).astype(np.float32)
    glass = glass * canvas.colour(0.6, 1.0)
    reflection = 0.25 * (1 - v) * np.ones_like(u) + 0.1 * canvas.noise(4, 3)
    canvas.pixels[window] = (glass[iy, ix] + reflection[..., None])[window]
    canvas.fill(canvas.colour(0.75, 0.95), window & ((abs(u - 0.5) < 0.012) | (abs(v - 0.45) < 0.012)))
    canvas.pixels[(abs(u - 0.5) < 0.4) & (v > 0.9) & (v < 0.94)] *= 0.6
    canvas.pixels[np.broadcast_to(v > 0.985, window.shape)] *= 0.75


def _fence(canvas: _Canvas) -> None:
    _foliage(canvas)
    canvas.pixels *= 0.6
    index, u = _cells(canvas.x + 0.004 * canvas.noise(3, 2), canvas.random.uniform(9, 14))
    slat = (abs(u - 0.5) < 0.36) & (canvas.y > 0.12 + 0.05 * abs(u - 0.5))
    tint = canvas.random.uniform(0.75, 1.1, int(index.max()) + 2).astype(np.float32)[index]
    grain = 1 + 0.25 * canvas.noise(60, 4, stretch=14)
    wood = canvas.colour(0.35, 0.7)[None, None] * (tint * grain * (1 - 0.5 * abs(u - 0.5)))[..., None]
    canvas.pixels[slat] = wood[slat]
    for height in (0.3, 0.75):
        canvas.pixels[(abs(canvas.y - height - 0.03) < 0.012) & slat] *= 0.55
        nails = ((u - 0.5) ** 2 + ((canvas.y - height) * 12) ** 2) < 0.0016
        canvas.fill(_rgb(0.2, 0.2, 0.22), nails & slat)


def _tiles(canvas: _Canvas) -> None:
    iy, v = _cells(canvas.y, canvas.random.uniform(8, 14))
    ix, u = _cells(canvas.x + 0.06 * (iy % 2), canvas.random.uniform(5, 9))
    palette = canvas.colour(0.3, 0.9) * canvas.random.uniform(
        0.75, 1.15, (int(iy.max()) + 1, int(ix.max()) + 1, 1)
    ).astype(np.float32)
    canvas.pixels[:] = palette[iy, ix]
    canvas.shade(1 + 0.14 * canvas.noise(40) + 0.12 * (0.5 - v) * np.ones_like(u))
    canvas.fill(canvas.colour(0.5, 0.65), (abs(u - 0.5) > 0.48) | (abs(v - 0.5) > 0.46))


def _signage(canvas: _Canvas) -> None:
    canvas.pixels[:] = np.linspace(0.85, 0.55, canvas.height, dtype=np.float32)[:, None, None]
    canvas.pixels *= canvas.colour(0.8, 1.0)
    for _ in range(14):
        centre = canvas.random.uniform(0.05, 0.95, 2) * (canvas.width, canvas.height)
        radius = canvas.side * canvas.random.uniform(0.05, 0.16)
        corners = int(canvas.random.choice([3, 4, 8, 64]))
        turn = canvas.random.uniform(0, 2 * np.pi)
        ground, figure = canvas.colour(), canvas.colour()
        for scale, colour in ((1.0, _rgb(0.95, 0.95, 0.95)), (0.9, ground), (0.5, figure)):
            angles = turn + np.arange(corners) * 2 * np.pi / corners
            outline = centre + radius * scale * np.stack([np.cos(angles), np.sin(angles)], axis=1)
            _polygon(canvas, outline, colour)
        _polygon(canvas, centre + radius * _arrow(turn), _rgb(0.97, 0.97, 0.97))
    canvas.shade(1 + 0.06 * canvas.noise(80, 4))


def _arrow(turn: float) -> npt.NDArray[np.float64]:
    shape = np.array(
        [[-0.4, -0.08], [0.1, -0.08], [0.1, -0.22], [0.45, 0], [0.1, 0.22], [0.1, 0.08], [-0.4, 0.08]]
    )
    cosine, sine = np.cos(turn), np.sin(turn)
    return np.asarray(shape @ np.array([[cosine, sine], [-sine, cosine]]))


def _polygon(canvas: _Canvas, outline: npt.NDArray[np.float64], colour: _Float) -> None:
    points = np.round(outline * 16).astype(np.int32)
    cv2.fillPoly(canvas.pixels, [points], tuple(map(float, colour)), lineType=cv2.LINE_8, shift=4)


def _foliage(canvas: _Canvas) -> None:
    canvas.pixels[:] = _rgb(0.05, 0.09, 0.04)
    canvas.shade(1 + 0.5 * canvas.noise(10))
    for layer in range(5):
        light = 0.35 + 0.16 * layer
        for _ in range(900):
            centre = canvas.random.uniform(-0.02, 1.02, 2) * (canvas.width, canvas.height)
            length = canvas.side * canvas.random.uniform(0.012, 0.04)
            axes = (round(length * 16), round(length * canvas.random.uniform(0.3, 0.5) * 16))
            leaf = light * np.array([0.35, 0.8, 0.25]) * canvas.random.uniform(0.6, 1.25, 3)
            turn = canvas.random.uniform(0, 360)
            middle = (round(centre[0] * 16), round(centre[1] * 16))
            outline = (middle, axes, turn, 0, 360)
            cv2.ellipse(canvas.pixels, *outline, tuple(map(float, leaf)), -1, cv2.LINE_8, 4)
            vein = (middle, (axes[0], 1), turn, 0, 360)
            width = max(1, canvas.side // 2048)
            cv2.ellipse(canvas.pixels, *vein, tuple(map(float, leaf * 1.25)), width, cv2.LINE_8, 4)
    canvas.shade(1 + 0.12 * canvas.noise(50, 4))


def _hills(canvas: _Canvas) -> None:
    horizon, zenith = canvas.colour(0.7, 0.95), canvas.colour(0.25, 0.6)
    rise = np.clip(canvas.y / 0.7, 0, 1)[..., None]
    canvas.pixels[:] = zenith * (1 - rise) + horizon * rise
    canvas.pixels += 0.08 * np.clip(canvas.noise(5), 0, 1)[..., None]
    for ridge in range(5):
        steps = canvas.random.uniform(-1, 1, 12 * (ridge + 2)).astype(np.float32)
        line = cv2.resize(steps[None], (canvas.width, 1), interpolation=cv2.INTER_CUBIC)
        below = canvas.y > 0.42 + 0.11 * ridge + 0.05 * line
        near = (ridge + 1) / 5
        ground = horizon * (1 - near) + near * canvas.colour(0.1, 0.35)
        texture = 1 + (0.08 + 0.22 * near) * canvas.noise(30 + 30 * ridge, 5)
        canvas.pixels[below] = (ground[None, None] * texture[..., None])[below]


KINDS: Final[dict[str, Callable[[_Canvas], None]]] = {
    "facade": _facade,
    "fence": _fence,
    "foliage": _foliage,
    "hills": _hills,
    "signage": _signage,
    "tiles": _tiles,
}


def render(kind: str, width: int, height: int, key: str) -> npt.NDArray[np.uint8]:
    """Render a scene.

    Args:
        kind: one of `KINDS`.
        width: pixels.
        height: pixels.
        key: any string; another key is another scene of the kind.

    Returns:
        uint8 RGB ``(height, width, 3)``; the same for the same arguments.

    Raises:
        Df8kError: an unknown kind.
    """
    if kind not in KINDS:
        raise Df8kError(unknown_name("scene", kind, KINDS))
    canvas = _Canvas(width, height, f"{kind}|{key}")
    KINDS[kind](canvas)
    return canvas.finish()
