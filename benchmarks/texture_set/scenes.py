"""Drawn scenes: foliage, pebbles, meadow, water, ridges, stars. Each is one scene at every size."""

import cv2
import numpy as np
import numpy.typing as npt

from .noise import Plane, colour, coordinates, fractal, smooth

_SHIFT = 4  # bits below the pixel in OpenCV's coordinates


def foliage(side: int) -> Plane:
    """Draw leaves over leaves, each with a midrib, larger and lighter towards the eye."""
    rng = np.random.default_rng(61)
    image = np.full((side, side, 3), (16, 26, 12), np.uint8)
    t = np.linspace(0, 1, 9)
    half = np.stack([t - 0.5, 0.32 * np.sin(np.pi * t**0.8)], axis=1)
    outline = np.concatenate([half, half[::-1] * (1, -1)])
    for index in range(3200):
        near = index / 3200
        centre, angle = rng.uniform(-0.05, 1.05, 2), rng.uniform(0, 2 * np.pi)
        length = (0.05 + 0.05 * near) * rng.uniform(0.7, 1.3)
        tint = np.array((50, 96, 30)) * (0.45 + 0.9 * near) + rng.normal(size=3) * (12, 14, 8)
        _polygon(image, _placed(outline, centre, angle, length), tint)
        _line(image, _placed(half[[0, -1]] * (1, 0), centre, angle, length), tint * 1.35, length / 24)
    grain = 1 + 0.06 * fractal(side, 62, grid=(32, 32), gain=0.8)
    return np.asarray(image * grain[..., None], np.float32)


def pebbles(side: int) -> Plane:
    """Draw rounded stones over each other, lit from the upper left."""
    rng = np.random.default_rng(71)
    image = np.full((side, side, 3), (40, 36, 32), np.uint8)
    t = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    for _ in range(2600):
        centre, angle = rng.uniform(-0.05, 1.05, 2), rng.uniform(0, np.pi)
        size = 0.03 * rng.uniform(0.5, 1.4)
        waves = 1 + 0.08 * np.sin(2 * t + rng.uniform(0, 6)) + 0.05 * np.sin(3 * t + rng.uniform(0, 6))
        outline = np.stack([np.cos(t), 0.75 * np.sin(t)], axis=1) * waves[:, None]
        tint = np.array((128, 120, 110)) * rng.uniform(0.6, 1.35) + rng.normal(size=3) * 9
        _polygon(image, _placed(outline, centre, angle, size), tint * 0.45)
        for step in range(1, 6):
            lit = centre - 0.16 * size * step / 5
            _polygon(image, _placed(outline, lit, angle, size * (1 - 0.13 * step)), tint * (0.6 + 0.1 * step))
    grain = 1 + 0.07 * fractal(side, 72, grid=(32, 32), gain=0.9)
    return np.asarray(image * grain[..., None], np.float32)


def meadow(side: int) -> Plane:
    """Draw blades of grass, row before row, taller in front."""
    rng = np.random.default_rng(81)
    image = np.full((side, side, 3), (30, 44, 16), np.uint8)
    for foot in np.sort(rng.uniform(0, 1.15, 14000)):
        x, height = rng.uniform(-0.02, 1.02), (0.05 + 0.09 * foot) * rng.uniform(0.6, 1.2)
        lean, width = rng.normal() * 0.35 * height, 0.02 * height + 0.0012
        tint = np.array((84, 128, 40)) * rng.uniform(0.55, 1.35) + rng.normal(size=3) * (16, 10, 6)
        knee = (x + 0.3 * lean, foot - 0.6 * height)
        blade = np.array(
            [
                (x - width, foot),
                (knee[0] - 0.7 * width, knee[1]),
                (x + lean, foot - height),
                (knee[0] + 0.7 * width, knee[1]),
                (x + width, foot),
            ]
        )
        _polygon(image, blade, tint)
    return np.asarray(image * (1 + 0.04 * fractal(side, 82, grid=(32, 32), gain=0.9))[..., None], np.float32)


def water(side: int) -> Plane:
    """Draw a lake with waves that grow towards the eye, below a sky with clouds."""
    x, y = coordinates(side)
    horizon = 0.28
    depth = np.maximum(y - horizon, 1 / side)
    u, v = (x - 0.5) / depth, 1 / depth
    rng = np.random.default_rng(91)
    slope = np.zeros((side, side), np.float32)
    for _ in range(28):
        angle, length = rng.normal() * 0.5, 0.1 * 2 ** rng.uniform(0, 3.2)
        phase = (u * np.sin(angle) + v * np.cos(angle)) * 2 * np.pi / length + rng.uniform(0, 6.28)
        seen = smooth(depth * depth * length * side, 1.0, 4.0)  # shorter than two pixels: mean, not noise
        slope += np.asarray(length**0.35 * np.cos(phase) * seen, np.float32)
    lake = colour(np.clip(0.45 + 0.16 * slope, 0, 1), (12, 40, 58), (176, 204, 214))
    clouds = smooth(fractal(side, 92, grid=(6, 3)), -0.2, 1.6)
    sky = colour(np.clip(1 - 1.6 * (horizon - y) + 0 * x, 0, 1), (96, 142, 196), (206, 220, 228))
    sky += (np.array((244, 242, 238), np.float32) - sky) * clouds[..., None]
    return np.asarray(np.where((y > horizon)[..., None], lake, sky), np.float32)


def ridges(side: int) -> Plane:
    """Draw six ranges of hills, darker towards the eye, below an evening sky."""
    x, y = coordinates(side)
    image = colour(np.asarray(np.clip(1.5 * y + 0 * x, 0, 1)), (88, 120, 168), (250, 206, 150))
    for layer in range(6):
        crest = 0.28 + 0.12 * layer + (0.05 - 0.004 * layer) * fractal(side, 101 + layer, grid=(4, 4))[0]
        inside = smooth(y - crest, 0, 1.5 / side)[..., None]
        forest = fractal(side, 111 + layer, grid=(16 << (layer // 2), 16 << (layer // 2)), gain=0.75)
        light = np.clip(0.5 + (0.04 + 0.035 * layer) * forest - 0.6 * (y - crest), 0, 1)
        far = 1 - layer / 5
        dark = (int(24 + 110 * far), int(34 + 106 * far), int(30 + 116 * far))
        bright = (int(96 + 90 * far), int(104 + 78 * far), int(70 + 104 * far))
        image += (colour(np.asarray(light, np.float32), dark, bright) - image) * inside
    return np.asarray(image, np.float32)


def stars(side: int) -> Plane:
    """Draw stars of many magnitudes before a faint nebula."""
    rng = np.random.default_rng(121)
    cloud = smooth(fractal(side, 122, grid=(3, 3), gain=0.6), -0.2, 2.2)
    image = colour(cloud, (8, 8, 16), (96, 52, 92))
    image += 3 * fractal(side, 123, grid=(64, 64), gain=0.9)[..., None]
    for _ in range(1800):
        x, y = rng.uniform(0, side, 2)
        flux, radius = 40 / rng.uniform(0.02, 1) ** 0.8, side / 512 * rng.uniform(0.6, 0.9)
        tint = np.array((1.0, 0.93, 0.85)) + rng.normal(size=3) * 0.08
        reach = int(np.ceil(radius * (3 + 0.012 * flux)))
        left, top = int(x) - reach, int(y) - reach
        rows = slice(max(top, 0), min(int(y) + reach, side))
        columns = slice(max(left, 0), min(int(x) + reach, side))
        yy, xx = np.mgrid[rows, columns]
        glow = np.exp(-((xx - x) ** 2 + (yy - y) ** 2) / (2 * radius**2))
        image[rows, columns] += (flux * glow)[..., None] * tint
    return np.asarray(image, np.float32)


def _placed(
    outline: npt.NDArray[np.float64], centre: npt.NDArray[np.float64], angle: float, size: float
) -> npt.NDArray[np.float64]:
    cosine, sine = np.cos(angle), np.sin(angle)
    return outline @ np.array(((cosine, sine), (-sine, cosine))) * size + centre


def _polygon(
    image: npt.NDArray[np.uint8], points: npt.NDArray[np.float64], tint: npt.NDArray[np.float64]
) -> None:
    fixed = np.round(points * image.shape[0] * (1 << _SHIFT)).astype(np.int32)
    cv2.fillPoly(image, [fixed], np.clip(tint, 0, 255).tolist(), cv2.LINE_AA, _SHIFT)


def _line(
    image: npt.NDArray[np.uint8],
    points: npt.NDArray[np.float64],
    tint: npt.NDArray[np.float64],
    width: float,
) -> None:
    fixed = np.round(points * image.shape[0] * (1 << _SHIFT)).astype(np.int32)
    thick = max(1, round(width * image.shape[0]))
    cv2.polylines(image, [fixed], False, np.clip(tint, 0, 255).tolist(), thick, cv2.LINE_AA, _SHIFT)
