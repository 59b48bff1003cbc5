"""``pad:N``: pictures whose sides a network can halve."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import baselines


class Network:
    """Takes multiples of ``multiple`` alone, as encoders do, and notes what it got."""

    card = baselines.MethodCard(name="net", version="1", summary="", source="", licence="")

    def __init__(self, multiple):
        self.multiple, self.seen = multiple, []

    def __call__(self, image, mask):
        assert all(length % self.multiple == 0 for length in mask.shape)
        assert not image[mask].any()
        self.seen.append((image, mask))
        return np.full_like(image, 9)


@given(
    height=st.integers(1, 70),
    width=st.integers(1, 70),
    multiple=st.sampled_from([2, 8, 32]),
    seed=st.integers(0, 99),
)
def test_sides_become_multiples_and_known_pixels_stay(height, width, multiple, seed):
    random = np.random.default_rng(seed)
    image = random.integers(1, 256, (height, width, 3), dtype=np.uint8)
    mask = random.random((height, width)) < 0.4
    network = Network(multiple)
    method = baselines.with_strategy(network, f"pad:{multiple}")
    filled = method(image, mask)
    assert np.array_equal(filled[~mask], image[~mask])
    assert (filled[mask] == 9).all()
    if not mask.any():
        assert network.seen == []
        return
    picture, holes = network.seen[0]
    assert np.array_equal(holes[:height, :width], mask)
    assert np.array_equal(picture[:height, :width][~mask], image[~mask])
    # Mirrored, so that nothing stands there that the picture lacks.
    assert np.array_equal(holes, np.pad(mask, [(0, -s % multiple) for s in mask.shape], mode="symmetric"))
    assert picture.shape[0] - height < multiple
    assert picture.shape[1] - width < multiple


def test_the_card_says_the_strategy_and_no_working_resolution():
    card = baselines.with_strategy(Network(8), "pad:8").card
    assert card.name == "net-pad-8"
    assert card.settings == {"strategy": "pad:8"}


@pytest.mark.parametrize("text", ["pad", "pad:1", "pad:0", "pad:2000", "pad:8:8", "pad:x"])
def test_other_forms_are_refused(text):
    with pytest.raises(baselines.MethodError, match=r"pad"):
        baselines.with_strategy(Network(8), text)


def test_a_wrong_answer_is_a_failure():
    class Wrong(Network):
        def __call__(self, image, mask):
            return image[:3]

    with pytest.raises(baselines.MethodFailedError, match="returned"):
        baselines.with_strategy(Wrong(8), "pad:8")(np.ones((5, 5, 3), np.uint8), np.eye(5, dtype=bool))
