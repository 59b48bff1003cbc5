"""Near-duplicates: what is alike, and groups that do not depend on order."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from df8k.curation.likeness import Clusters, Look
from df8k.curation.likeness import look as looks
from df8k.curation.likeness.alignment import Alignment, Overlap
from df8k.scenes import KINDS, render


@pytest.fixture(scope="module")
def scenes():
    return {
        f"{kind}{key}": cv2.cvtColor(render(kind, 480, 360, key), cv2.COLOR_RGB2GRAY)
        for kind in KINDS
        for key in "ab"
    }


@pytest.fixture(scope="module")
def groups(scenes):
    return {
        name: [
            Look.at(grey),
            Look.at(cv2.resize(grey, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)),
            Look.at(np.clip(grey * 1.15 + 6, 0, 255).astype(np.uint8)),
            Look.at(grey[14:-14, 19:-19]),
        ]
        for name, grey in scenes.items()
    }


def test_variants_are_alike(groups):
    for first, *others in groups.values():
        assert first.relief.correlation(first.relief) == pytest.approx(1, abs=1e-3)
        for other in others[:2]:
            assert first.relief.correlation(other.relief) > 0.7


def test_different_scenes_are_not(groups):
    names = list(groups)
    for index, name in enumerate(names):
        for other in names[:index]:
            assert groups[name][0].relief.correlation(groups[other][0].relief) < 0.7, (name, other)


@settings(deadline=None, max_examples=15)
@given(st.permutations(range(3 * 2 * len(KINDS))))
def test_groups_do_not_depend_on_order(groups, order):
    members = [
        (f"{name}/{index}", look) for name, looks in groups.items() for index, look in enumerate(looks[:3])
    ]

    def grouped(members):
        clusters = Clusters(distance=12, correlation=0.7)
        for name, look in members:
            clusters.add(name, look)
        groups = {frozenset(group) for group in clusters.groups()}
        assert len(groups) == clusters.count
        return groups

    reference = grouped(members)
    assert grouped([members[index] for index in order]) == reference
    assert {f"{next(iter(groups))}/{index}" for index in range(3)} in reference


def test_nothing_is_compared_below_distance_zero(groups):
    clusters = Clusters(distance=-1, correlation=0.1)
    look = next(iter(groups.values()))[0]
    for index in range(3000):  # beyond the first allocation
        clusters.add(str(index), look)
    assert clusters.count == 3000


def test_pictures_without_detail_are_like_nothing():
    blank = Look.at(np.full((300, 400), 90, np.uint8))
    assert blank.relief.correlation(blank.relief) == 0
    assert blank.relief.in_place(blank.relief) == 0
    assert not blank.relief.correlates(blank.relief, 0.7)


@pytest.mark.parametrize(
    ("support", "correlation", "alike"),
    [(6, 0.49, False), (10, 0.49, True), (6, 0.65, True), (30, 0.39, False)],
)
def test_few_agreeing_corners_need_pictures_that_agree_more(monkeypatch, support, correlation, alike):
    # Six corners of a harbour and of a street agreed with a correlation of 0.49.
    monkeypatch.setattr(looks, "align", lambda *_: Alignment(1.88 + 0j, 0j, support))
    monkeypatch.setattr(looks, "overlap", lambda *_: Overlap(correlation, 0.98, 190.0))
    grey = (255 * np.random.default_rng(0).uniform(size=(64, 96))).astype(np.uint8)
    assert Look.at(grey).shares(Look.at(grey[::-1].copy()), mirrored=False) == alike
