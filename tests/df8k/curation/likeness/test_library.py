"""Looks that were written come back as they were."""

import cv2
import numpy as np

from df8k.curation.likeness.features import Features
from df8k.curation.likeness.library import Library
from df8k.curation.likeness.look import Look
from df8k.scenes import KINDS, render


def equal(one: Look, other: Look) -> bool:
    arrays = (
        (look.luma, look.corners.points, look.corners.codes, look.mirrored.points, look.mirrored.codes)
        for look in (one, other)
    )
    return one.phash == other.phash and all(map(np.array_equal, *arrays))


def rounded(corners: Features) -> Features:
    points = np.round(corners.points.real) + 1j * np.round(corners.points.imag)
    return Features(points.astype(np.complex64), corners.codes)


def scenes() -> list[Look]:
    greys = [
        cv2.cvtColor(render(kind, 150 + 30 * number, 120, "a"), cv2.COLOR_RGB2GRAY)
        for number, kind in enumerate(KINDS)
    ]
    return [Look.at(grey) for grey in (*greys, np.full((40, 70), 9, np.uint8), np.zeros((1, 300), np.uint8))]


def test_a_library_gives_back_what_it_got():
    written, library = scenes(), Library()
    for number, look in enumerate(written):
        library.append(look)
        assert equal(library[number], look)
        assert equal(library[0], written[0])
    assert len(written[0].corners.points) > 20
    assert not len(written[-2].corners.points)
    assert library[1] is library[1]


def test_a_record_tells_all_of_a_look():
    for look in scenes():
        record = look.record()
        assert set(map(type, record.values())) == {str, int}
        read = Look.of(record)
        assert equal(read, Look(look.phash, look.luma, rounded(look.corners), rounded(look.mirrored)))
        assert read.record() == record
