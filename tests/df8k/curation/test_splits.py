"""Splits: exact quotas, by content alone."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from df8k.config import SplitFractions
from df8k.curation.splits import assign_splits, quotas
from df8k.identity import fingerprint


@settings(deadline=None)  # a loaded machine is no fault
@given(st.integers(0, 5000))
def test_quotas_are_exact(total):
    counts = quotas(total, SplitFractions())
    assert sum(counts.values()) == total
    for name, share in (("train", 0.7), ("validation", 0.1), ("test", 0.2)):
        assert abs(counts[name] - share * total) < 1


def test_the_paper_s_counts():
    assert quotas(2850, SplitFractions()) == {"train": 1995, "validation": 285, "test": 570}


@settings(deadline=None)  # a loaded machine is no fault
@given(st.sets(st.text("0123456789abcdef", min_size=16, max_size=16), max_size=60), st.randoms())
def test_order_does_not_matter(ids, random):
    ordered = sorted(ids)
    shuffled = list(ids)
    random.shuffle(shuffled)
    splits = assign_splits(shuffled, version="1", fractions=SplitFractions())
    assert splits == assign_splits(ordered, version="1", fractions=SplitFractions())
    expected = {name: count for name, count in quotas(len(ids), SplitFractions()).items() if count}
    assert Counter(splits.values()) == expected


@settings(deadline=None)  # a loaded machine is no fault
@given(st.lists(st.tuples(*[st.text("ab", max_size=3)] * 4), max_size=8), st.randoms())
def test_the_fingerprint_ignores_order(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert fingerprint(rows) == fingerprint(shuffled)
    assert fingerprint([*rows, ("x", "train", "y", "")]) != fingerprint(rows)
