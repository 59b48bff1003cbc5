"""Property tests of the rasteriser against a slow point-by-point test in exact fractions."""

import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import masks
from masks import VectorMask
from masks.raster.lattice import UNITS

ASPECTS = [(1, 1), (3, 2), (2, 3), (1, 8), (8, 1), (170, 113), (1501, 1000)]


@st.composite
def vectors(draw, aspects=ASPECTS, kinds="cep"):
    """Shapes of every kind, on and off the frame; coarse grids make edges fall exactly on pixel centres."""
    aspect = draw(st.sampled_from(aspects))
    grid = draw(st.sampled_from([1, 1024, 8192]))
    reach = 2 * UNITS * max(aspect) // min(aspect)

    def number(low, high):
        return st.integers(low // grid, high // grid).map(lambda value: value * grid)

    coordinate = number(-UNITS, reach)
    radius = number(grid, UNITS // 2)
    axis = number(-UNITS // 2, UNITS // 2)
    capsule = st.tuples(st.just("c"), coordinate, coordinate, coordinate, coordinate, radius)
    ellipse = st.tuples(st.just("e"), coordinate, coordinate, axis.filter(bool), axis, radius)
    polygon = st.lists(coordinate, min_size=6, max_size=12).map(lambda n: ("p", *n[: len(n) // 2 * 2]))
    shape = st.one_of([{"c": capsule, "e": ellipse, "p": polygon}[kind] for kind in kinds])
    return VectorMask.of(aspect, draw(st.lists(shape, min_size=1, max_size=5)))


def brute_force(vector: VectorMask, width: int, height: int) -> np.ndarray:
    x_axis, y_axis = vector.frame.axes(width, height)
    mask = np.zeros((height, width), bool)
    for row in range(height):
        y = Fraction(y_axis.step * row + y_axis.first, y_axis.unit)
        for column in range(width):
            x = Fraction(x_axis.step * column + x_axis.first, x_axis.unit)
            mask[row, column] = any(_INSIDE[kind](x, y, *fields) for kind, *fields in vector.primitives)
    return mask


def _in_capsule(x, y, x0, y0, x1, y1, radius):
    dx, dy = x1 - x0, y1 - y0
    length2 = dx * dx + dy * dy
    along = Fraction((x - x0) * dx + (y - y0) * dy, length2) if length2 else Fraction(0)
    along = min(Fraction(1), max(Fraction(0), along))
    nearest_x, nearest_y = x0 + along * dx, y0 + along * dy
    excess = (x - nearest_x) ** 2 + (y - nearest_y) ** 2 - radius * radius
    return excess < 0 or (excess == 0 and x < nearest_x)


def _in_ellipse(x, y, centre_x, centre_y, ax, ay, b):
    u, v, a2 = x - centre_x, y - centre_y, ax * ax + ay * ay
    along, across = u * ax + v * ay, v * ax - u * ay
    excess = Fraction(along**2, a2 * a2) + Fraction(across**2, a2 * b * b) - 1
    slope = Fraction(along * ax, a2 * a2) - Fraction(across * ay, a2 * b * b)
    return excess < 0 or (excess == 0 and slope < 0)


def _in_polygon(x, y, *corners):
    points = list(zip(corners[::2], corners[1::2], strict=True))
    inside = False
    for (xa, ya), (xb, yb) in zip(points, points[1:] + points[:1], strict=True):
        if (ya <= y) != (yb <= y) and xa + (y - ya) * Fraction(xb - xa, yb - ya) <= x:
            inside = not inside
    return inside


_INSIDE = {"c": _in_capsule, "e": _in_ellipse, "p": _in_polygon}


@settings(max_examples=250, deadline=None)
@given(vectors(), st.integers(1, 16))
def test_raster_is_exact_at_every_pixel(vector, short):
    width, height = vector.frame.size_at(short)
    if width * height > 600:
        width, height = vector.frame.size_at(4)
    mask = vector.rasterize(width, height)
    assert mask.dtype == np.bool_
    assert mask.shape == (height, width)
    np.testing.assert_array_equal(mask, brute_force(vector, width, height))


@settings(max_examples=100, deadline=None)
@given(vectors(), st.integers(1, 400))
def test_runs_are_sorted_disjoint_and_apart(vector, short):
    runs = vector.runs(*vector.frame.size_at(short))
    assert (runs.starts < runs.ends).all()
    assert (runs.ends[:-1] < runs.starts[1:]).all()
    assert (
        runs.area == vector.area(runs.width, runs.height) == vector.rasterize(runs.width, runs.height).sum()
    )


@settings(max_examples=100, deadline=None)
@given(vectors(), st.integers(1, 300), st.randoms())
def test_union_ignores_order_and_repetition(vector, short, random):
    size = vector.frame.size_at(short)
    shuffled = [*vector.primitives, *vector.primitives[:2]]
    random.shuffle(shuffled)
    other = VectorMask.of(vector.aspect, shuffled)
    assert other.runs(*size).sha256 == vector.runs(*size).sha256


@settings(max_examples=100, deadline=None)
@given(vectors(), st.integers(1, 200), st.tuples(st.integers(-3, 3), st.integers(-3, 3)))
def test_whole_pixel_translation_commutes(vector, cells, shift):
    # One cell of 65536 / 2**k lattice units is exactly one pixel at 2**k pixels.
    short = 2 ** (cells % 8)
    cell = 65536 // short
    square = VectorMask.of((1, 1), vector.primitives)
    moved = VectorMask.of((1, 1), [_moved(p, shift[0] * cell, shift[1] * cell) for p in vector.primitives])
    wide = VectorMask.of((1, 1), vector.primitives).rasterize(short, short)
    expected = np.roll(wide, (shift[1], shift[0]), (0, 1))
    kept = np.zeros_like(wide)
    kept[_kept(short, shift[1]), _kept(short, shift[0])] = True
    np.testing.assert_array_equal(moved.rasterize(short, short)[kept], expected[kept])
    assert square.sha256 != moved.sha256 or shift == (0, 0)


def _moved(primitive, dx, dy):
    kind, *n = primitive
    count = len(n) if kind == "p" else {"c": 4, "e": 2}[kind]
    return (kind, *(v + (dx, dy)[i % 2] for i, v in enumerate(n[:count])), *n[count:])


def _kept(size, shift):
    return slice(max(shift, 0), max(size + min(shift, 0), 0))


@settings(max_examples=60, deadline=None)
@given(vectors(kinds="c"), st.integers(1, 300), st.integers(1, 5000))
def test_wider_contains_narrower(vector, short, more):
    size = vector.frame.size_at(short)
    wider = VectorMask.of(vector.aspect, [(*p[:5], p[5] + more) for p in vector.primitives])
    assert not (vector.rasterize(*size) & ~wider.rasterize(*size)).any()


def test_shapes_outside_the_frame_add_nothing():
    inside = ("c", 20000, 20000, 40000, 30000, 5000)
    outside = [("c", -90000, 0, -80000, 0, 70), ("e", 200000, 0, 500, 20, 90), ("p", 0, -9, 9, -9, 9, -3)]
    size = (300, 300)
    vector = VectorMask.of((1, 1), [inside])
    assert VectorMask.of((1, 1), [inside, *outside]).runs(*size).sha256 == vector.runs(*size).sha256
    assert VectorMask.of((1, 1), outside).area(*size) == 0


@settings(max_examples=60, deadline=None)
@given(vectors(), st.integers(20, 200), st.integers(20, 200))
def test_centre_square_equals_the_crop_of_the_native_mask(vector, width, height):
    native = VectorMask.of((width, height), vector.primitives)
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    square = native.centre_square(width, height)
    crop = native.rasterize(width, height)[top : top + side, left : left + side]
    np.testing.assert_array_equal(square.rasterize(side, side), crop)
    assert square.aspect == (1, 1)
    assert VectorMask.from_json(square.json) == square


def test_centre_square_without_size_is_the_exact_middle():
    vector = VectorMask.of((3, 2), [("p", 16384, 0, 16384 + 65536, 0, 16384 + 65536, 65536, 16384, 65536)])
    assert vector.centre_square().area(100, 100) == 100 * 100
    assert vector.area(150, 100) == 100 * 100


def test_many_runs_and_few_runs_fill_alike():
    shapes = [("c", x, 0, x, 65536, 60) for x in range(0, 65536, 512)]
    vector = VectorMask.of((1, 1), shapes)
    runs = vector.runs(1024, 1024)
    assert len(runs.starts) > 20_000
    flat = np.zeros(1024 * 1024, bool)
    for start, end in zip(runs.starts, runs.ends, strict=True):
        flat[start:end] = True
    np.testing.assert_array_equal(runs.raster().ravel(), flat)


@pytest.mark.parametrize("preset", ["band-30-50", "blobs", "lama-thin"])
def test_drawing_takes_little_memory_beyond_the_mask(preset):
    """Invariant: at most twice the mask beyond the mask itself, also at 8192."""
    vector = masks.synthesize((1, 1), preset, "memory")
    tracemalloc.start()
    mask = vector.rasterize(8192, 8192)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak - mask.nbytes <= 2 * mask.nbytes
