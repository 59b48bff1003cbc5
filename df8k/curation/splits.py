"""Splits by a keyed hash of the image ID, with exact quotas."""

from collections.abc import Iterable
from typing import Final

from df8k.config import BuildConfig, SplitFractions
from df8k.identity import keyed_hash

SPLITS: Final = ("train", "validation", "test")


def quotas(total: int, fractions: SplitFractions) -> dict[str, int]:
    """Divide ``total`` images among the splits: floors, then largest remainders, train first on ties."""
    exact = {name: total * getattr(fractions, name) for name in SPLITS}
    # Rounding first keeps 0.7 · 10 = 7.000000000000001 from taking part with a remainder.
    exact = {name: round(value, 9) for name, value in exact.items()}
    counts = {name: int(value) for name, value in exact.items()}
    by_remainder = sorted(SPLITS, key=lambda name: counts[name] - exact[name])
    for name in by_remainder[: total - sum(counts.values())]:
        counts[name] += 1
    return counts


def assign_splits(ids: Iterable[str], config: BuildConfig) -> dict[str, str]:
    """Assign a split to each image, by the set of IDs and the configuration, and by no order.

    Args:
        ids: of all kept images.
        config: names images of a split; the others are divided by its fractions, in a keyed order.
    """
    named = {image_id: split for split, names in config.assigned.items() for image_id in names}
    every = set(ids)
    assigned: dict[str, str] = {image_id: named[image_id] for image_id in sorted(every & named.keys())}
    key = (config.split_key,) if config.split_key else (config.version, "split")
    ranked = sorted(every - named.keys(), key=lambda image_id: keyed_hash(*key, image_id))
    start = 0
    for name, count in quotas(len(ranked), config.splits).items():
        assigned |= dict.fromkeys(ranked[start : start + count], name)
        start += count
    return assigned
