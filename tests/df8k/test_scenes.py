"""Procedural scenes."""

import cv2
import numpy as np
import pytest

import df8k
from df8k.scenes import KINDS, render


@pytest.mark.parametrize("kind", KINDS)
def test_a_scene_follows_from_its_arguments(kind):
    scene = render(kind, 200, 140, "a")
    assert scene.shape == (140, 200, 3)
    assert scene.dtype == np.uint8
    assert np.array_equal(scene, render(kind, 200, 140, "a"))
    assert not np.array_equal(scene, render(kind, 200, 140, "b"))
    assert scene.std() > 10


@pytest.mark.parametrize("kind", ["facade", "tiles", "signage"])
def test_a_scene_looks_alike_at_every_size(kind):
    small, large = render(kind, 192, 128, "a"), render(kind, 768, 512, "a")
    reduced = cv2.resize(large, (192, 128), interpolation=cv2.INTER_AREA)
    assert np.abs(reduced.astype(int) - small).mean() < 16


def test_an_unknown_scene_is_named():
    with pytest.raises(df8k.Df8kError, match=r"'castle': known: facade"):
        render("castle", 10, 10, "a")
