"""Decide what methods may claim: texture, and that their training shows, against controls and with intervals.

Sharp patches from anywhere in the picture bring every statistic of texture nearer to the original's than a
smooth fill does. A claim about texture is therefore one against the controls, by two measures with different
blind spots: `swd`, which sees statistics of patches and not their contrast, and the metric that ranks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from df8k.leaderboard.statistics.intervals import LEAST_IMAGES, Array
from df8k.leaderboard.statistics.paired import Paired, compare_paired, holm
from df8k.leaderboard.statistics.ties import LEVEL

TEXTURE: Final = "swd"


@dataclass(frozen=True)
class Candidate:
    """Method of one size, as a claim sees it.

    Attributes:
        name: of the method.
        control: whether it is a control.
        untrained: whether it is the control of a learned method, on a random network.
        texture: pseudo-values of `TEXTURE`, float64 ``(images,)``, lower is better; ``None`` without any.
        perception: values of the metric that ranks, lower is better; ``None`` without any.
    """

    name: str
    control: bool
    untrained: bool
    texture: Array | None
    perception: Array | None


@dataclass(frozen=True)
class Claim:
    """Outcome for one method.

    Attributes:
        holds: whether it beats every control; ``None`` where that could not be tested.
        reason: why it does not, or was not tested; the measured difference where it does.
    """

    holds: bool | None
    reason: str


def texture_claims(candidates: Sequence[Candidate]) -> dict[str, Claim]:
    """Test every method against every control of texture; controls have no claim.

    A control on a random network is one of learning, see `learning_claims`. Holm's correction is for all
    tests of the size.

    Args:
        candidates: methods and controls of one size, on the same images in the same order.
    """
    controls = [candidate for candidate in candidates if candidate.control and not candidate.untrained]
    methods = [candidate for candidate in candidates if not candidate.control]
    if not controls:
        return {method.name: Claim(None, "no control of texture is on the board") for method in methods}
    claims: dict[str, Claim] = {}
    labels: list[tuple[str, str, str]] = []
    differences: list[Array] = []
    for method in methods:
        pairs = [(control, *_differences(method, control)) for control in controls]
        if any(texture is None or perception is None for _, texture, perception in pairs):
            claims[method.name] = Claim(None, f"{TEXTURE} or a perceptual metric was not measured")
            continue
        for control, texture, perception in pairs:
            for metric, apart in ((TEXTURE, texture), ("perception", perception)):
                if apart is not None:
                    labels.append((method.name, control.name, metric))
                    differences.append(apart)
    tests = compare_paired(differences, LEVEL)
    adjusted = holm([test.p for test in tests])
    for method in methods:
        if method.name not in claims:
            own = [
                (control, metric, test, p)
                for (name, control, metric), test, p in zip(labels, tests, adjusted, strict=True)
                if name == method.name
            ]
            claims[method.name] = _claim(own)
    return claims


def learning_claims(candidates: Sequence[Candidate]) -> dict[str, Claim]:
    """Test learned methods against ``NAME-untrained``, their own random networks, by the metric that ranks.

    Args:
        candidates: see `texture_claims`.
    """
    by_name = {candidate.name: candidate for candidate in candidates}
    pairs = [
        (method, fresh)
        for name, method in by_name.items()
        if (fresh := by_name.get(f"{name}-untrained")) is not None and fresh.untrained
    ]
    apart = {method.name: (fresh.name, _differences(method, fresh)[1]) for method, fresh in pairs}
    tested = {name: (fresh, values) for name, (fresh, values) in apart.items() if values is not None}
    tests = compare_paired([values for _, values in tested.values()], LEVEL)
    adjusted = holm([test.p for test in tests])
    return {
        name: _claim([(fresh, "perception", test, p)])
        for (name, (fresh, _)), test, p in zip(tested.items(), tests, adjusted, strict=True)
    }


def _differences(method: Candidate, control: Candidate) -> tuple[Array | None, Array | None]:
    """Subtract the control on the images that both have; ``None`` where they share none."""
    sides = ((method.texture, control.texture), (method.perception, control.perception))
    found: list[Array | None] = []
    for first, second in sides:
        apart = None if first is None or second is None else first - second
        finite = None if apart is None else apart[np.isfinite(apart)]
        found.append(finite if finite is not None and finite.size else None)
    return found[0], found[1]


def _claim(tests: Sequence[tuple[str, str, Paired, float]]) -> Claim:
    if few := [test.n for _, _, test, _ in tests if test.n < LEAST_IMAGES]:
        return Claim(None, f"n too small: {min(few)} images, at least {LEAST_IMAGES} carry an interval")
    for control, metric, test, p in tests:
        if p >= LEVEL or test.mean >= 0:
            return Claim(False, f"does not beat {control} in {metric}: {_difference(test)}")
    told = "; ".join(f"{metric} {_difference(test)} against {control}" for control, metric, test, _ in tests)
    return Claim(True, told)


def _difference(test: Paired) -> str:
    return f"{test.mean:+.4g} [{test.low:+.4g}, {test.high:+.4g}]"
