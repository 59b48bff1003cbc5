"""Splits by a keyed hash of the image ID, with exact quotas."""

from collections.abc import Iterable
from typing import Final

from df8k.config import SplitFractions
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


def assign_splits(ids: Iterable[str], *, version: str, fractions: SplitFractions) -> dict[str, str]:
    """Assign a split to each image, by the set of IDs, the version and the fractions, and by no order."""
    ranked = sorted(set(ids), key=lambda image_id: keyed_hash(version, "split", image_id))
    assigned: dict[str, str] = {}
    start = 0
    for name, count in quotas(len(ranked), fractions).items():
        assigned |= dict.fromkeys(ranked[start : start + count], name)
        start += count
    return assigned
