"""Say in words and tables what another form of a method changes."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from .parity import GATE_DB, ROUNDING_DB, Parity

_WORDS: Final = {
    "equal": "every pixel is equal",
    "rounding": f"single grey levels differ, above {ROUNDING_DB:g} dB",
    "differs": f"differs by more than rounding, above the gate of {GATE_DB:g} dB",
    "below the gate": f"BELOW {GATE_DB:g} dB: not the same method",
}
HEADER: Final = ("size", "images", "PSNR, dB", "worst, dB", "most", "gain", "ms", "was", "speed", "verdict")


def cells(outcomes: Sequence[Parity]) -> list[list[str]]:
    """Format a row for each size; see `HEADER`."""
    return [
        [
            str(one.size),
            str(len(one.pictures)),
            decibels(one.psnr_db),
            decibels(one.worst.psnr_db),
            str(max(picture.most for picture in one.pictures)),
            f"{one.gain:.4f}",
            f"{1000 * one.candidate_s:.3g}",
            f"{1000 * one.reference_s:.3g}",
            f"{one.reference_s / one.candidate_s:.2f} x",
            _WORDS[one.verdict],
        ]
        for one in outcomes
    ]


def change_cells(outcomes: Sequence[Parity]) -> list[list[str]]:
    """Format a row for each metric at each size: before, after, change with its interval, significance."""
    rows = []
    for one in outcomes:
        for change in one.changes:
            bounds = "" if change.low is None else f"[{change.low:.2g}, {change.high:.2g}]"
            moved = "significant" if change.p < 0.05 else "not significant"
            difference = f"{change.candidate - change.reference:+.2g} {bounds}".strip()
            rows.append(
                [
                    str(one.size),
                    change.key,
                    f"{change.reference:.5g}",
                    f"{change.candidate:.5g}",
                    difference,
                    moved,
                ]
            )
    return rows


def passed(outcomes: Sequence[Parity]) -> bool:
    """Tell whether no size fell below the gate."""
    return all(one.verdict != "below the gate" for one in outcomes)


def as_json(outcomes: Sequence[Parity]) -> dict[str, Any]:
    """Make a JSON object of all sizes."""
    sizes = [
        asdict(one) | {"reference_s": one.reference_s, "candidate_s": one.candidate_s} for one in outcomes
    ]
    return {"gate_db": GATE_DB, "passed": passed(outcomes), "sizes": sizes}


def decibels(value: float | None) -> str:
    """Format a PSNR; equal pictures have none."""
    return "equal" if value is None else f"{value:.1f}"
