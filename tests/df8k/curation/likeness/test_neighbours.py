"""Loops over corners give what arrays that hold every comparison give."""

from collections import Counter
from itertools import pairwise

import cv2
import numpy as np
import pytest

from df8k.curation.likeness import neighbours
from df8k.curation.likeness.corner_kernels import matched, most_agreed
from df8k.curation.likeness.features import Features, _spread
from df8k.curation.likeness.neighbours import Neighbours
from df8k.scenes import KINDS, render

TABLES, BITS, COUNT, CELL = 8, 22, 140, 40


@pytest.fixture(scope="module")
def images():
    """Luma of 60 scenes, of which every third is a lighter copy of the one before."""
    kinds = list(KINDS)
    scenes = []
    for number in range(60):
        original = number - number % 3 // 2
        scene = cv2.cvtColor(
            render(kinds[original % len(kinds)], 160, 120, str(original)), cv2.COLOR_RGB2GRAY
        )
        scenes.append(cv2.add(cv2.resize(scene, (320, 240)), 9 * (number - original)))
    return scenes


@pytest.fixture(scope="module")
def features(images):
    """Their corners, and those of an image without any."""
    return [*(Features.of(image)[0] for image in images), Features.of(np.zeros((240, 320), np.uint8))[0]]


def words(codes: np.ndarray) -> np.ndarray:
    """Words of 22 bits by unpacking every bit."""
    bits = np.unpackbits(codes.view(np.uint8), axis=1, bitorder="little").astype(np.uint64)
    powers = np.left_shift(np.uint64(1), np.arange(BITS, dtype=np.uint64))
    stride = bits.shape[1] // BITS
    drawn = [
        bits[:, (7 * table + stride * np.arange(BITS)) % bits.shape[1]] @ powers
        | (np.uint64(table) << np.uint64(BITS))
        for table in range(TABLES)
    ]
    return np.unique(np.concatenate(drawn))


def nearest(known: list[np.ndarray], asked: np.ndarray, count: int) -> list[tuple[float, int]]:
    """Score every known image by the words that it shares, without an index."""
    holders: dict[int, list[int]] = {}
    for image, of_image in enumerate(known):
        for word in of_image.tolist():
            holders.setdefault(word, []).append(image)
    frequency = np.array([len(holders.get(word, [])) for word in asked.tolist()], float)
    weight = np.log(np.maximum(len(known), 2) / np.maximum(frequency, 1)) ** 2 + 1e-3
    weight[frequency > neighbours._COMMON] = 0
    scores = np.zeros(len(known))
    for word, value in zip(asked.tolist(), weight, strict=True):
        for image in holders.get(word, []) if value > 0 else []:
            scores[image] += value
    best = np.argsort(-scores, kind="stable")[:count]
    return [(float(scores[image]), int(image)) for image in best if scores[image] > 0]


@pytest.mark.parametrize(("common", "mapped", "piece"), [(200, 1 << 23, 1 << 20), (3, 2000, 700)])
def test_the_index_gives_what_scoring_all_gives(monkeypatch, features, common, mapped, piece):
    monkeypatch.setattr(neighbours, "_COMMON", common)
    monkeypatch.setattr(neighbours, "_MAPPED", mapped)
    monkeypatch.setattr(neighbours, "_PIECE", piece)
    index, known, several = Neighbours(), [], 0
    for feature in features:
        asked = words(feature.codes) if len(feature.codes) else np.empty(0, np.uint64)
        assert np.array_equal(neighbours._words(feature.codes), asked)
        expected = nearest(known, asked, 16) if known else []
        assert index.nearest(feature.codes, 16) == expected
        several += len(expected) == 16
        index.add(feature.codes)
        known.append(asked)
    assert several > 20
    assert len(index._runs) > 1
    assert any(isinstance(run.entries.base, np.memmap) for run in index._runs) == (mapped < 1 << 23)
    assert not index._scores.any()


def test_mutual_matches_are_those_of_the_whole_matrix(features):
    count = 0
    for first, second in pairwise(features[:-1]):
        distance = np.bitwise_count(first.codes[:, None] ^ second.codes[None]).sum(axis=2, dtype=np.int32)
        near = distance.argmin(axis=1)
        both = distance.argmin(axis=0)[near] == np.arange(len(near))
        bits = distance[np.arange(len(near)), near]
        order = np.argsort(bits, kind="stable")
        order = order[both[order] & (bits[order] <= 72)][:64]
        pairs = matched(first.codes, second.codes, 72, 64)
        assert np.array_equal(pairs, [order, near[order]])
        count += len(order)
    assert count > 100


def proposed(here: np.ndarray, there: np.ndarray) -> tuple[complex, complex, int]:
    """Try the similarities of all pairs of matches at once, float64."""
    one, two = np.triu_indices(len(here), 1)
    apart = here[one] - here[two]
    with np.errstate(divide="ignore", invalid="ignore"):
        turns = (there[one] - there[two]) / apart
    usable = (np.abs(apart) > 24) & (np.abs(turns) > 0.4) & (np.abs(turns) < 2.5)
    turns, one = turns[usable], one[usable]
    if not len(turns):
        return 0j, 0j, 0
    shifts = there[one] - turns * here[one]
    errors = np.abs(turns[:, None] * here + shifts[:, None] - there)
    support = (errors < 6 * np.maximum(1, np.abs(turns))[:, None]).sum(axis=1)
    best = int(support.argmax())
    return complex(turns[best]), complex(shifts[best]), int(support[best])


def test_the_similarity_that_most_agree_on_is_that_of_all_proposals(features):
    supports = []
    for first, second in [*pairwise(features[:-1]), *pairwise(features[:-1:7])]:
        pairs = matched(first.codes, second.codes, 72, 64)
        here, there = first.points[pairs[0]], second.points[pairs[1]]
        turn, shift, support = most_agreed(here, there, 6.0, (0.4, 2.5))
        expected = proposed(here.astype(complex), there.astype(complex))
        assert support == expected[2]
        assert np.allclose((turn, shift), expected[:2], rtol=0, atol=1e-9)
        supports.append(support)
    assert min(supports) < 6
    assert max(supports) > 30


def test_corners_are_spread_as_one_by_one(images):
    orb = cv2.ORB.create(nfeatures=500, nlevels=5, edgeThreshold=10, patchSize=31, fastThreshold=7)
    many = 0
    for image in images:
        corners = orb.detect(image, None)
        ordered = sorted(corners, key=lambda corner: (-corner.response, corner.pt, corner.octave))
        taken: Counter[int] = Counter()
        ranked = []
        for order, corner in enumerate(ordered):
            cell = int(corner.pt[1]) // CELL * (image.shape[1] // CELL + 1) + int(corner.pt[0]) // CELL
            ranked.append((taken[cell], order))
            taken[cell] += 1
        expected = [ordered[order].pt for _, order in sorted(ranked)[:COUNT]]
        assert [corner.pt for corner in _spread(corners, image.shape)] == expected
        many += len(corners) > COUNT
    assert many
