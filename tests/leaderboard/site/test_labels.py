"""Labels of drawings keep off each other, off points, and inside."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from leaderboard.site.plots.labels import Spot, place_labels, rectangle

WIDTH, HEIGHT = 480, 380


def overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@given(
    st.lists(
        st.builds(
            Spot,
            x=st.floats(0, WIDTH),
            y=st.floats(0, HEIGHT),
            radius=st.floats(4, 17),
            text=st.sampled_from(["", "ns", "rethined", "random-sources"]),
        ),
        max_size=12,
    )
)
def test_labels_cover_neither_labels_nor_points(spots):
    labels = place_labels(spots, WIDTH, HEIGHT)
    assert len(labels) == len(spots)
    boxes = [
        rectangle(label.x, label.y, spot.text) for spot, label in zip(spots, labels, strict=True) if label
    ]
    assert not any(overlap(*pair) for pair in combinations(boxes, 2))
    points = [
        (spot.x - spot.radius, spot.y - spot.radius, spot.x + spot.radius, spot.y + spot.radius)
        for spot in spots
    ]
    assert not any(overlap(box, point) for box in boxes for point in points)
    assert all(box[0] >= 0 and box[2] <= WIDTH and box[1] >= 0 and box[3] <= HEIGHT for box in boxes)


def test_two_points_side_by_side_are_both_named():
    spots = [Spot(200, 200, 5, "rethined"), Spot(212, 203, 5, "hifill"), Spot(218, 196, 5, "harmonic")]
    labels = place_labels(spots, WIDTH, HEIGHT)
    assert all(labels)
    assert place_labels([Spot(10, 10, 5, "")], WIDTH, HEIGHT) == [None]
