"""Only what beats the controls, by both measures and with intervals, may claim texture."""

import numpy as np
import pytest

from leaderboard.site.claims import Candidate, learning_claims, texture_claims

IMAGES = 40


def candidate(name, texture, perception, *, control=False, untrained=False, images=IMAGES, seed=0):
    rng = np.random.default_rng([seed, len(name), sum(map(ord, name))])
    hard = np.random.default_rng(99).normal(0, 20, images)
    return Candidate(
        name,
        control,
        untrained,
        None if texture is None else texture + hard + rng.normal(0, 4, images),
        None if perception is None else perception + rng.normal(0, 0.02, images),
    )


CONTROL = candidate("random", 60, 0.30, control=True)


@pytest.mark.parametrize(
    ("texture", "perception", "holds", "words"),
    [
        (40, 0.20, True, "against random"),
        (40, 0.30, False, "does not beat random in perception"),  # sharp, and not right
        (60, 0.20, False, "does not beat random in swd"),
        (90, 0.40, False, "does not beat random in swd"),
        (None, 0.20, None, "was not measured"),
        (40, None, None, "was not measured"),
    ],
)
def test_both_measures_must_say_so(texture, perception, holds, words):
    claims = texture_claims([CONTROL, candidate("method", texture, perception)])
    assert set(claims) == {"method"}  # a control claims nothing
    assert claims["method"].holds is holds
    assert words in claims["method"].reason


def test_every_control_must_be_beaten():
    other = candidate("fresh", 40, 0.20, control=True)
    claims = texture_claims([CONTROL, other, candidate("method", 40, 0.20)])
    assert claims["method"].holds is False
    assert "fresh" in claims["method"].reason


def test_a_random_network_is_a_control_of_learning_and_not_of_texture():
    fresh = candidate("net-untrained", 40, 0.20, control=True, untrained=True)
    equal, better = candidate("net", 40, 0.20), candidate("net", 40, 0.15)
    assert texture_claims([CONTROL, fresh, equal])["net"].holds is True
    assert texture_claims([fresh, equal])["net"].holds is None
    assert learning_claims([CONTROL, fresh, equal])["net"].holds is False
    assert learning_claims([CONTROL, fresh, better])["net"].holds is True
    assert learning_claims([CONTROL, better]) == {}


def test_without_a_control_or_with_few_images_nothing_is_claimed():
    assert texture_claims([candidate("method", 40, 0.20)])["method"].holds is None
    few = [
        candidate("random", 60, 0.3, control=True, images=7),
        candidate("method", 40, 0.2, images=7),
    ]
    claim = texture_claims(few)["method"]
    assert claim.holds is None
    assert "n too small" in claim.reason


def test_the_claims_of_many_methods_are_corrected_together():
    """Thirty methods as good as the control: chance makes none of them claim texture."""
    equal = [candidate(f"m{index}", 60, 0.30, seed=index) for index in range(30)]
    assert not any(claim.holds for claim in texture_claims([CONTROL, *equal]).values())
