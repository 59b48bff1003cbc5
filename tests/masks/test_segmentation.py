import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masks import MaskError, PlacementRules, VectorMask, from_segmentation
from masks.raster.lattice import Frame
from masks.raster.outlines import outline

_Y, _X = np.mgrid[:120, :180]


def scene():
    labels = np.zeros((120, 180), int)
    labels[(_X - 40) ** 2 + (_Y - 60) ** 2 < 25**2] = 1
    labels[80:115, 120:150] = 2
    labels[:40] = 9  # a third of the frame: background by its size
    return labels


def test_holes_keep_the_published_rules():
    labels, rules = scene(), PlacementRules()
    holes = from_segmentation(labels, key="a")
    assert 2 <= len(holes) <= 2 * rules.variants
    rasters = [hole.rasterize(180, 120) for hole in holes]
    objects = np.isin(labels, (1, 2, 9))
    for raster in rasters:
        assert raster.mean() > rules.smallest_hole * 0.9  # the rule counts coarse cells
        assert (raster & objects).sum() <= (rules.foreground + 0.05) * raster.sum()
    assert holes == from_segmentation(labels, key="a")
    assert holes != from_segmentation(labels, key="b")
    assert all(VectorMask.from_json(hole.json) == hole for hole in holes)


def test_resolution_of_the_map_hardly_matters():
    labels = scene()
    large = np.kron(labels, np.ones((3, 3), int))
    first, second = (from_segmentation(map_, key="a")[0].coverage(1800, 1200) for map_ in (labels, large))
    assert abs(first - second) < 0.003


def test_nothing_to_place_gives_nothing():
    assert from_segmentation(np.zeros((40, 60), np.uint8), key="a") == []
    assert from_segmentation(scene(), key="a", background=(0, 1, 2, 9)) == []


@pytest.mark.parametrize("labels", [np.zeros((3, 4)), np.zeros((3, 4, 1), int), np.zeros((0, 4), int), None])
def test_only_integer_maps_are_taken(labels):
    with pytest.raises(MaskError, match="label map"):
        from_segmentation(labels, key="a")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_outline_keeps_the_largest_part_without_its_gaps(seed):
    noise = np.random.RandomState(seed).rand(16, 24) > 0.45
    shape = outline(noise, Frame((3, 2)))
    # Drawn much finer than the map, the outline differs from the filled part by the rounded corners alone.
    drawn = VectorMask.of((3, 2), [shape]).rasterize(24 * 16, 16 * 16)
    from scipy import ndimage

    parts, _ = ndimage.label(noise)
    largest = np.argmax(np.bincount(parts.ravel())[1:]) + 1
    filled = np.kron(ndimage.binary_fill_holes(parts == largest), np.ones((16, 16), bool))
    centres = drawn[8::16, 8::16]
    np.testing.assert_array_equal(centres, filled[8::16, 8::16])
    assert abs(int(drawn.sum()) - int(filled.sum())) <= 0.5 * filled.sum()
