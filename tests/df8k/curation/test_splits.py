"""Splits: exact quotas, by content alone."""

from collections import Counter
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from df8k.config import BuildConfig, SplitFractions
from df8k.curation.splits import assign_splits, quotas
from df8k.identity import fingerprint, keyed_hash


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
    splits = assign_splits(shuffled, BuildConfig(version="1"))
    assert splits == assign_splits(ordered, BuildConfig(version="1"))
    expected = {name: count for name, count in quotas(len(ids), SplitFractions()).items() if count}
    assert Counter(splits.values()) == expected


def test_named_images_have_their_split_and_the_others_are_divided_by_key():
    ids = [f"{number:016x}" for number in range(20)]
    fractions = SplitFractions(train=0, validation=0.25, test=0.75)
    named = {"train": (ids[3], "f" * 16), "validation": (ids[5], ids[4], ids[7])}
    config = BuildConfig(splits=fractions, assigned=named, split_key="seed")
    splits = assign_splits(ids, config)
    assert splits[ids[3]] == "train"  # the other one that is named is not there
    rest = sorted(
        (name for name in ids if name not in {ids[3], ids[4], ids[5], ids[7]}),
        key=lambda name: sha256(f"seed|{name}".encode()).hexdigest(),
    )
    assert {name for name, split in splits.items() if split == "validation"} == {
        *named["validation"],
        *rest[:4],
    }
    assert {name for name, split in splits.items() if split == "test"} == set(rest[4:])


def test_the_key_of_an_unnamed_seed_is_the_version_s():
    ids = [f"{number:016x}" for number in range(10)]
    (first, *_) = sorted(ids, key=lambda name: keyed_hash("1", "split", name))
    config = BuildConfig(version="1", splits=SplitFractions(train=0.1, validation=0, test=0.9))
    assert [name for name, split in assign_splits(ids, config).items() if split == "train"] == [first]


def test_an_image_of_two_splits_is_refused():
    with pytest.raises(ValueError, match=f"assigned names {'a' * 16} in two splits"):
        BuildConfig(assigned={"train": ("a" * 16,), "test": ("a" * 16,)})
    with pytest.raises(ValueError, match="assigned"):
        BuildConfig(assigned={"holdout": ("a" * 16,)})


@settings(deadline=None)  # a loaded machine is no fault
@given(st.lists(st.tuples(*[st.text("ab", max_size=3)] * 4), max_size=8), st.randoms())
def test_the_fingerprint_ignores_order(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert fingerprint(rows) == fingerprint(shuffled)
    assert fingerprint([*rows, ("x", "train", "y", "")]) != fingerprint(rows)
