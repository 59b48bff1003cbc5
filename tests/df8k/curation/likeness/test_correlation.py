"""Reliefs: what is told quickly is what the whole search tells."""

from itertools import combinations, product

import cv2
import numpy as np
import pytest

from df8k.curation.likeness.correlation import Relief
from df8k.curation.likeness.correlation_kernels import best_correlation
from df8k.curation.likeness.look import Look
from df8k.scenes import KINDS, render

LEAST = 0.7


def relief(grey: np.ndarray) -> Relief:
    return Look.at(np.ascontiguousarray(grey)).relief


@pytest.fixture(scope="module")
def scenes():
    return [cv2.cvtColor(render(kind, 480, 360, "a"), cv2.COLOR_RGB2GRAY) for kind in KINDS]


def altered(grey: np.ndarray) -> list[np.ndarray]:
    noise = np.random.default_rng(1).normal(0, 12, grey.shape)
    height, width = grey.shape
    return [
        cv2.resize(grey, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA),
        np.clip(grey * 1.15 + 6, 0, 255).astype(np.uint8),
        np.clip(grey + noise, 0, 255).astype(np.uint8),
        cv2.imdecode(cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 15])[1], cv2.IMREAD_GRAYSCALE),
        *(
            grey[int(cut * height) :, int(cut * width * lopsided) : width - int(cut * width)]
            for cut, lopsided in product((0.03, 0.06, 0.09), (0, 1))
        ),
    ]


@pytest.mark.parametrize("least", [LEAST, 0.85])
def test_a_quick_no_is_a_no(scenes, least):
    reliefs = [[relief(grey), *map(relief, altered(grey))] for grey in scenes]
    pairs = [(family[0], other) for family in reliefs for other in family]
    alike = [one.correlation(other) >= least for one, other in pairs]
    assert [one.correlates(other, least) for one, other in pairs] == alike
    assert sum(alike) > len(pairs) / 2
    unlike = [(one[0], other[0]) for one, other in combinations(reliefs, 2)]
    assert [one.correlates(other, least) for one, other in unlike] == [
        one.correlation(other) >= least for one, other in unlike
    ]


def test_unlike_pictures_are_not_searched(monkeypatch, scenes):
    first, second = relief(scenes[0]), relief(scenes[1])
    monkeypatch.setattr(Relief, "correlation", lambda *_: pytest.fail("searched"))
    assert not first.correlates(second, LEAST)


@pytest.mark.parametrize("size", [(34, 22), (5, 40), (60, 60)])
def test_the_best_correlation_is_opencvs(size):
    random = np.random.default_rng(sum(size))
    image, template = random.normal(3, 2, (60, 60)), random.normal(1, 1, size)
    image[:, :7] = 4  # nothing to compare with
    image, template = image.astype(np.float32), template.astype(np.float32)
    expected = cv2.matchTemplate(image, template, cv2.TM_CCOEFF_NORMED).max()
    centred = template - template.mean()
    found = best_correlation(centred / np.linalg.norm(centred), image)
    assert found == pytest.approx(float(expected), abs=1e-5)


def test_in_place_is_the_correlation_of_what_both_have(scenes):
    first = relief(scenes[0])
    longer = relief(cv2.copyMakeBorder(scenes[0], 0, 30, 0, 0, cv2.BORDER_REFLECT))
    assert first.in_place(first) == pytest.approx(1, abs=1e-6)
    assert first.in_place(relief(255 - scenes[0])) == pytest.approx(-1, abs=0.01)
    assert first.pixels.shape != longer.pixels.shape
    assert first.in_place(longer) == longer.in_place(first)
