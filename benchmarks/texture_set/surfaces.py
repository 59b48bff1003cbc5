"""Drawn surfaces: tiles, wall, fabric, planks, facade. Each is one scene at every size."""

import numpy as np

from .noise import Plane, colour, coordinates, fractal, smooth


def tiles(side: int) -> Plane:
    """Draw glazed tiles of three tints with grout between them."""
    x, y = coordinates(side)
    u, v = 9 * x + 0.3, 9 * y + 0.6
    column, row = u.astype(int), v.astype(int)
    gap = np.minimum.reduce([u - column, 1 - (u - column), v - row, 1 - (v - row)])
    tint = np.random.default_rng(11).normal(size=(12, 12)).astype(np.float32)[row, column]
    kind = (row + 2 * column) % 3
    marble = 0.12 * fractal(side, 12, grid=(8, 8), gain=0.6)
    light = np.clip(0.55 + 0.08 * tint + marble + 0.15 * smooth(0.12 - gap, 0, 0.08), 0, 1)
    palette = ((70, 40, 20), (20, 60, 80), (110, 95, 70)), ((200, 130, 90), (90, 170, 190), (240, 230, 205))
    glazed = np.choose(
        kind[..., None], [colour(light, dark, bright) for dark, bright in zip(*palette, strict=True)]
    )
    grout = colour(np.clip(0.5 + 0.3 * fractal(side, 13, grid=(64, 64)), 0, 1), (90, 88, 84), (150, 146, 138))
    edge = smooth(gap, 0.03, 0.045)[..., None]
    return np.asarray(grout + (glazed - grout) * edge, np.float32)


def wall(side: int) -> Plane:
    """Draw a wall of uneven bricks in running bond."""
    x, y = coordinates(side)
    wobble = 0.02 * fractal(side, 21, grid=(16, 16))
    v = 15 * y + wobble
    row = v.astype(int)
    u = 6 * x + 0.5 * (row % 2) + wobble + 0.2
    column = u.astype(int)
    a, b = u - column, v - row
    gap = np.minimum(2.5 * np.minimum(a, 1 - a), np.minimum(b, 1 - b))
    tint = np.random.default_rng(22).normal(size=(20, 12)).astype(np.float32)[row, column]
    grain = fractal(side, 23, grid=(32, 32), gain=0.7)
    brick = colour(np.clip(0.5 + 0.18 * tint + 0.1 * grain, 0, 1), (95, 40, 28), (205, 120, 85))
    mortar = colour(
        np.clip(0.5 + 0.2 * fractal(side, 24, grid=(64, 64), gain=0.7), 0, 1),
        (140, 135, 125),
        (200, 195, 185),
    )
    brick *= (0.8 + 0.2 * smooth(b, 0, 0.3))[..., None]
    return np.asarray(mortar + (brick - mortar) * smooth(gap, 0.06, 0.11)[..., None], np.float32)


def fabric(side: int) -> Plane:
    """Draw a tartan in twill: 128 threads across, round at sizes where they are wide enough to see."""
    x, y = coordinates(side)
    u, v = 128 * x, 128 * y
    warp, weft = u.astype(int), v.astype(int)
    dyes = np.array([(28, 60, 48), (150, 30, 34), (20, 28, 60), (225, 205, 150)], np.float32)
    sett = np.repeat([0, 1, 0, 2, 3, 2, 0, 1], [6, 10, 4, 8, 2, 8, 4, 2])
    over = (warp + weft) % 4 < 2
    threads = np.where(over[..., None], dyes[sett[warp % sett.size]], dyes[sett[weft % sett.size]])
    across = np.where(over, u - warp, v - weft)
    lit = 0.65 + 0.45 * np.sin(np.pi * across)
    lit += 0.05 * fractal(side, 31, grid=(64, 64), gain=0.8) + 0.05 * fractal(side, 32)
    return np.asarray(threads * lit[..., None], np.float32)


def planks(side: int) -> Plane:
    """Draw boards of wood with grain, joints and slight differences of tone."""
    x, y = coordinates(side)
    column = (6 * x + 0.3).astype(int)
    a = 6 * x + 0.3 - column
    choice = np.random.default_rng(41).uniform(size=(8, 3)).astype(np.float32)
    bend = fractal(side, 42, grid=(2, 16), gain=0.5)
    shift = choice[column, 0]
    rings = np.sin(60 * (a + 0.12 * bend + 3 * shift + 0.25 * np.sin(2 * np.pi * (y + shift))))
    fibre = fractal(side, 43, grid=(4, 128), gain=0.7)
    tone = 0.5 + 0.2 * (choice[column, 1] - 0.5) + 0.14 * rings + 0.09 * fibre
    board = colour(np.clip(tone, 0, 1), (88, 52, 28), (214, 164, 108))
    return np.asarray(board * (0.3 + 0.7 * smooth(np.minimum(a, 1 - a), 0.006, 0.02))[..., None], np.float32)


def facade(side: int) -> Plane:
    """Draw a front with windows in rows, seen slightly from the side."""
    x, y = coordinates(side)
    depth = 1 / (1.15 - 0.3 * x)
    u, v = 7 * x * depth + 0.1, 8 * (y - 0.45) * depth + 4.3
    column, row = u.astype(int), v.astype(int)
    a, b = u - column, v - row
    plaster = colour(
        np.clip(0.6 + 0.08 * fractal(side, 51) + 0.05 * fractal(side, 52, grid=(64, 64), gain=0.8), 0, 1),
        (150, 118, 80),
        (232, 206, 160),
    )
    ledge = smooth(np.abs(b - 0.04), 0.03, 0.035)
    image = plaster * (0.72 + 0.28 * ledge)[..., None]
    inset = np.minimum(np.minimum(a - 0.25, 0.75 - a), np.minimum(b - 0.22, 0.85 - b))
    frame = smooth(inset, -0.03, -0.022)[..., None]
    image += (np.array((240, 236, 226), np.float32) - image) * frame
    glass = np.random.default_rng(53).uniform(size=(16, 16)).astype(np.float32)[row, column]
    reflected = np.clip(0.25 + 0.4 * glass + 0.5 * (a - b) * glass, 0, 1)
    bars = smooth(np.minimum(np.abs(a - 0.5), np.abs(b - 0.48)), 0.008, 0.014)
    pane = (smooth(inset, 0.0, 0.008) * bars)[..., None]
    return np.asarray(image + (colour(reflected, (24, 30, 40), (150, 175, 200)) - image) * pane, np.float32)
