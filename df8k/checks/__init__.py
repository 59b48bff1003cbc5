"""Curation: one check per file. A new check is one file here and one line in ``_ORDER``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final

from df8k.picture import Picture

from .base import Check, Finding, Limits

__all__ = ["CHECKS", "Check", "Finding", "Limits", "Picture", "Verdict", "complete", "inspect", "score_names"]

# Modules, in the order in which they give the reason: what a picture is comes before how good it is.
_ORDER: Final = (
    "resolution",
    "aspect",
    "document",
    "grayscale",
    "border",
    "flat",
    "blur",
    "upscaled",
    "compression",
    "noise",
    "person",
)
CHECKS: Final[tuple[Check, ...]] = tuple(import_module(f".{name}", __name__).CHECK for name in _ORDER)

Settings = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Verdict:
    """Outcome of all checks of a picture.

    Attributes:
        reason: word of the first check that found a fault; empty when none did.
        detail: its finding.
        doubt: findings that a person should look at.
        scores: each measure of each check, ``check_measure`` → value.
    """

    reason: str = ""
    detail: str = ""
    doubt: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)


def complete(settings: Settings) -> dict[str, dict[str, Any]]:
    """Complete the limits of every check: those of ``settings``, and the defaults of the others.

    Args:
        settings: limits per check; a check with ``{"off": True}`` is left out.

    Raises:
        ValueError: unknown check or limit; pydantic's ``ValidationError`` is one.
    """
    known = {check.reason: check for check in CHECKS}
    if unknown := sorted(settings.keys() - known.keys()):
        raise ValueError(f"no check is called {', '.join(unknown)}: known are {', '.join(known)}")
    full: dict[str, dict[str, Any]] = {}
    for name, check in known.items():
        limits = dict(settings.get(name, {}))
        if limits.pop("off", False) is True:
            full[name] = {"off": True}
        else:
            full[name] = check.limits.model_validate(limits).model_dump()
    return full


def inspect(picture: Picture, settings: Settings) -> Verdict:
    """Run every check that ``settings`` (see `complete`) does not turn off."""
    reason = detail = ""
    doubts: list[str] = []
    scores: dict[str, float] = {}
    for check in CHECKS:
        limits = settings[check.reason]
        if limits.get("off"):
            continue
        finding = check.function(picture, check.limits.model_validate(limits))
        scores |= {f"{check.reason}_{name}": float(value) for name, value in finding.scores.items()}
        if finding.fault and not reason:
            reason, detail = check.reason, finding.fault
        if finding.doubt:
            doubts.append(finding.doubt)
    return Verdict(reason, detail, "; ".join(doubts), scores)


def score_names() -> list[str]:
    """List the names of every score, in the order of the checks."""
    return [f"{check.reason}_{measure}" for check in CHECKS for measure in check.measures]
