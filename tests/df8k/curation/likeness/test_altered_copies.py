"""Near-duplicates as people make them: mirrored, turned, cropped, framed, written over, regraded."""

import cv2
import numpy as np
import pytest

from df8k.curation.likeness import Clusters, Look
from df8k.curation.likeness.features import Features
from df8k.curation.likeness.neighbours import Neighbours
from df8k.scenes import KINDS, render

LIMITS = {"distance": 12, "correlation": 0.7}


@pytest.fixture(scope="module")
def scenes():
    return {kind: cv2.cvtColor(render(kind, 640, 448, "altered"), cv2.COLOR_RGB2GRAY) for kind in KINDS}


@pytest.fixture(scope="module")
def library(scenes):
    clusters = Clusters(**LIMITS)
    for name, grey in scenes.items():
        clusters.add(name, Look.at(grey))
    return clusters


def framed(grey, border, value):
    return cv2.copyMakeBorder(grey, *[border] * 4, cv2.BORDER_CONSTANT, value=value)


def written(grey):
    drawn = grey.copy()
    for row in range(3):
        cv2.putText(drawn, "(c) SAMPLE", (40, 120 + 130 * row), cv2.FONT_HERSHEY_DUPLEX, 2.5, 255, 4)
    return cv2.addWeighted(drawn, 0.5, grey, 0.5, 0)


def graded(grey, gamma, low, high):
    return (255 * np.clip(low + (high - low) * (grey / 255) ** gamma, 0, 1)).astype(np.uint8)


EDITS = {
    "mirrored": lambda g: g[:, ::-1],
    "flipped": lambda g: g[::-1],
    "turned left": lambda g: np.rot90(g, 1),
    "turned over": lambda g: np.rot90(g, 2),
    "turned right": lambda g: np.rot90(g, 3),
    "mirrored and turned": lambda g: np.rot90(g[:, ::-1], 1),
    "centre": lambda g: g[45:-45, 64:-64],
    "corner": lambda g: g[: round(0.8 * len(g)), : round(0.8 * g.shape[1])],
    "other corner": lambda g: g[round(0.2 * len(g)) :, round(0.2 * g.shape[1]) :],
    "16:9": lambda g: g[44:404],
    "square": lambda g: g[:, 100:548],
    "square at the end": lambda g: g[:, 192:],
    "white frame": lambda g: framed(g, 40, 255),
    "black frame": lambda g: framed(g, 25, 0),
    "written over": written,
    "lighter": lambda g: graded(g, 0.6, 0, 1),
    "harder": lambda g: graded(g, 1, -0.3, 1.3),
    "faded": lambda g: graded(g, 1, 0.2, 0.7),
    "framed and mirrored": lambda g: framed(g[:, ::-1], 30, 255),
    "cropped and smaller": lambda g: cv2.resize(g[40:-30, 60:-20], (300, 200), interpolation=cv2.INTER_AREA),
}


@pytest.mark.parametrize("edit", EDITS)
def test_altered_copies_are_like_their_original_and_no_other(library, scenes, edit):
    for name, grey in scenes.items():
        altered = Look.at(np.ascontiguousarray(EDITS[edit](grey)))
        alike = library.like(altered)
        assert set(alike) <= {name}, (name, alike)
        if name not in UNLIKELY.get(edit, ()):
            assert alike == [name], name


# Bars and soft slopes have hardly a corner of their own; what is written over them has.
UNLIKELY = {"written over": ("fence", "hills")}


def test_different_scenes_stay_apart(library, scenes):
    assert library.count == len(scenes)
    others = Clusters(**LIMITS)
    for kind in KINDS:
        for key in "abc":
            others.add(f"{kind}{key}", Look.at(cv2.cvtColor(render(kind, 480, 360, key), cv2.COLOR_RGB2GRAY)))
    assert others.count == 3 * len(KINDS)


def test_families_are_one_group(scenes):
    grey = next(iter(scenes.values()))
    family = [Look.at(np.ascontiguousarray(edit(grey))) for edit in EDITS.values()]
    for order in (family, family[::-1]):
        clusters = Clusters(**LIMITS)
        for number, look in enumerate([Look.at(grey), *order]):
            clusters.add(str(number), look)
        assert clusters.count == 1


def test_features_survive_their_text(scenes):
    corners, _ = Features.of(cv2.resize(next(iter(scenes.values())), (320, 224)))
    again = Features.unpack(corners.pack())
    assert np.array_equal(corners.codes, again.codes)
    assert abs(corners.points - again.points).max() < 1
    nothing, _ = Features.of(np.full((200, 320), 90, np.uint8))
    assert (nothing.pack(), len(Features.unpack("").points)) == ("", 0)


def test_the_index_finds_what_shares_most(scenes):
    index, corners = Neighbours(), [Features.of(cv2.resize(g, (320, 224)))[0] for g in scenes.values()]
    assert index.nearest(corners[0].codes, 3) == []
    for one in corners:
        index.add(one.codes)
    for number, one in enumerate(corners):
        assert index.nearest(one.codes[:70], 2)[0][1] == number
    assert index.nearest(np.empty((0, 4), np.uint64), 3) == []


def test_looks_of_earlier_versions_are_still_compared(scenes):
    grey = next(iter(scenes.values()))
    look = Look.at(grey)
    record = look.record()
    old = Look.of({name: record[name] for name in ("phash", "width", "height", "luma")})
    clusters = Clusters(**LIMITS)
    clusters.add("old", old)
    assert clusters.like(look) == ["old"]
    assert clusters.like(old) == ["old"]


def test_mirrored_corners_are_those_of_the_mirrored_image(scenes):
    found = 0
    for grey in scenes.values():
        small = cv2.resize(grey, (320, 224))
        _, mirrored = Features.of(small)
        expected, _ = Features.of(np.ascontiguousarray(small[:, ::-1]))
        for point, code in zip(mirrored.points, mirrored.codes, strict=True):
            near = np.abs(expected.points - point) < 2
            distances = np.bitwise_count(expected.codes[near] ^ code).sum(axis=1)
            found += bool(len(distances)) and distances.min() < 30
    assert found > 0.6 * sum(
        len(Features.of(cv2.resize(grey, (320, 224)))[0].points) for grey in scenes.values()
    )
