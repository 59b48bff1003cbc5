"""`check_method` names what is wrong with a method, and finds nothing wrong with good ones."""

import itertools

import numpy as np
import pytest

import baselines
from baselines import MethodCard, with_strategy
from baselines.contract import check_method


class Method:
    def __init__(self, function):
        self.card = MethodCard(name="m", version="1", summary="s", source="t", licence="none")
        self.function = function

    def __call__(self, image, mask):
        return self.function(image, mask)


def filled(image, mask):
    """A good fill: the mean of the known pixels."""
    colour = image[~mask].mean(axis=0) if not mask.all() else 128
    return np.where(mask[..., None], colour, image).round().astype(np.uint8)


def checked(method):
    return {finding.check: finding for finding in check_method(method)}


def broken(found):
    return {name for name, finding in found.items() if finding.verdict == "broken"}


@pytest.mark.parametrize("name", ["mean", "telea", "ns"])
def test_good_methods_pass(name):
    found = checked(baselines.load(name))
    assert {finding.verdict for finding in found.values()} == {"ok"}
    assert len(found) == 12


@pytest.mark.parametrize("strategy", ["resize:64", "crop:64", "tile:64:8"])
def test_good_methods_pass_under_any_strategy(strategy):
    found = checked(with_strategy(Method(filled), strategy))
    assert {finding.verdict for finding in found.values()} == {"ok"}


numbers = itertools.count()

FAULTS = {
    "inverted mask": (lambda i, m: filled(i, ~m), "polarity", "the hole kept", "invert the mask"),
    "inverted mask, redrawn": (
        lambda i, m: (filled(i, ~m) * 0.98).astype(np.uint8),
        "polarity",
        "the hole kept",
        "invert the mask",
    ),
    "hole left": (lambda i, _m: i, "polarity", "came back black", "invert the mask"),
    "BGR out": (
        lambda i, m: filled(i, m)[..., ::-1],
        "colour order",
        "known pixels come back",
        "[..., ::-1]",
    ),
    "BGR in the hole": (
        lambda i, m: np.where(m[..., None], filled(i, m)[..., ::-1], i),
        "colour order",
        "the hole is filled with red and blue",
        "[..., ::-1]",
    ),
    "floats": (lambda i, m: filled(i, m) / np.float32(255), "answer", "returned float32", "np.rint(255 * x)"),
    "cast floats": (
        lambda i, m: (filled(i, m) / 255).astype(np.uint8),
        "range",
        "0 or 1",
        "np.rint(255 * x)",
    ),
    "channels first": (
        lambda i, m: filled(i, m).transpose(2, 0, 1),
        "answer",
        "(3, 160, 192)",
        "transpose(1, 2, 0)",
    ),
    "wrong size": (lambda i, m: filled(i, m)[:64, :64], "answer", "(64, 64, 3)", "--strategy resize"),
    "raises": (lambda _i, _m: 1 / 0, "answer", "ZeroDivisionError", "by itself"),
    "redrawn": (lambda i, m: 200 - filled(i, m) // 2, "known pixels", "changed by", "other findings"),
    "random": (
        lambda i, m: np.where(m[..., None], np.uint8(50 + 9 * (next(numbers) % 20)), i),
        "determinism",
        "differ by up to",
        "seed every generator",
    ),
    "drifts with use": (
        lambda i, m: np.where(m[..., None], np.uint8(200 - next(numbers) % 100), i),
        "determinism",
        "differ by up to",
        "seed",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named_with_a_remedy(fault):
    function, check, what, remedy = FAULTS[fault]
    found = checked(Method(function))
    assert check in broken(found)
    assert what in found[check].found
    assert remedy in found[check].remedy
    if check in {"polarity", "colour order", "answer"}:
        # The cause is named, not what follows from it.
        assert not broken(found) & ({"polarity", "colour order", "known pixels"} - {check})


def test_a_failing_answer_skips_the_rest():
    found = checked(Method(lambda _i, _m: None))
    assert [finding.verdict for finding in found.values()] == ["broken", "skipped"]


@pytest.mark.parametrize(
    ("fails", "check"),
    [
        (lambda i, _m: i.shape[0] % 8, "a size of 131 x 97"),
        (lambda _i, m: m.all(), "everything missing"),
        (lambda _i, m: not m.any(), "nothing missing"),
        (lambda _i, m: m.sum() == 1, "a hole of one pixel"),
        (lambda _i, m: m[0].all() and not m.all(), "holes over all borders"),
    ],
)
def test_special_sizes_and_holes_are_tried(fails, check):
    def function(image, mask):
        if fails(image, mask):
            raise RuntimeError("not that")
        return filled(image, mask)

    found = checked(Method(function))
    assert check in broken(found)
    assert all(finding.verdict == "ok" for name, finding in found.items() if not name.startswith(check[:6]))


def test_holes_that_are_left_at_the_border_are_seen():
    def inside(image, mask):
        done = filled(image, mask)
        done[:4], done[-4:], done[:, :4], done[:, -4:] = image[:4], image[-4:], image[:, :4], image[:, -4:]
        return done

    assert broken(checked(Method(inside))) == {"holes over all borders", "everything missing"} - {
        "everything missing"
    }


def test_small_changes_of_known_pixels_are_noted():
    found = checked(Method(lambda i, m: np.maximum(filled(i, m), 2) - np.uint8(2)))
    assert found["known pixels"].verdict == "note"
    assert "changed by 2.00 grey levels" in found["known pixels"].found
    assert not broken(found)
