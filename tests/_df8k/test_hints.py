"""What a misspelt name is answered with."""

import pytest

from _df8k.hints import unknown_name

KNOWN = ("train", "validation", "test")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("tests", "did you mean test? "),
        ("val", "did you mean validation? "),
        ("t", "did you mean train or test? "),
        ("", ""),
        ("xyz", ""),
    ],
)
def test_the_nearest_are_offered_and_all_are_listed(name, hint):
    assert unknown_name("split", name, KNOWN) == (
        f"no split is called {name!r}: {hint}known: train, validation, test"
    )
