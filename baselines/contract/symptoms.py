"""Causes of wrong answers, by what the answers look like."""

import numpy as np

from df8k.baselines.base import Image

from .finding import Finding
from .pictures import Case

# Mean change of known pixels, in grey levels, that networks which redraw everything stay below.
REDRAWN = 15.0
_PLACEHOLDERS = (0, 127.5)  # what may stand in a hole that is handed to a network
_REFUSED = "give a strategy, such as --strategy resize:512, if it takes one size alone"
_BYTES = "return uint8: np.rint(255 * x).clip(0, 255).astype(np.uint8) for values from 0 to 1"
_RANGES = (
    'networks: declare "range" (of the input) and "output_range", such as [0, 1], [-1, 1] or [0, 255], and '
    'look at "inputs", which may be exchanged; '
    "code: undo at the end what is done to the picture at the beginning"
)
_ADVICE = {
    "timeout": "raise --timeout, or make it faster",
    "out-of-memory": "raise --memory-limit, or hand over less, such as with --strategy tile:512:64",
    "crash": "the message holds the last line that it printed; run it alone for the rest",
}


def advice(kind: str, message: str) -> str:
    """Advise what to do about a failed call.

    Args:
        kind: as of `baselines.MethodFailedError`.
        message: its text.
    """
    if "declare" in message:
        return "fields of the declaration: docs/methods.md"
    if kind == "wrong-output":
        if "not finite" in message:
            return "look for a division by zero or an overflow, and for the range that it was trained on"
        if "float" in message:
            return _BYTES
        if "(3, " in message:
            return "return channels last: output.transpose(1, 2, 0)"
        return "return a picture of the input's size, padding taken off; " + _REFUSED
    return _ADVICE.get(kind, "run it on such a picture by itself; " + _REFUSED)


def change(output: Image, case: Case) -> float:
    """Measure the mean absolute change of the known pixels in grey levels; 0 when nothing is known."""
    known = ~case.mask
    if not known.any():
        return 0.0
    return float(np.abs(output[known].astype(np.int16) - case.image[known]).mean())


def left_black(output: Image, case: Case) -> bool:
    """Tell whether most of the hole is as black as it was handed over."""
    return bool(case.mask.any() and (output[case.mask] == 0).all(axis=1).mean() > 0.5)


def range_finding(output: Image, case: Case) -> Finding:
    """Find answers of another range: white, black, floats cast to bytes, known pixels scaled or shifted."""
    name = "range"
    if (output == 255).mean() > 0.99:
        return Finding(name, "broken", "the answer is white", _RANGES)
    if output.max() <= 1 < case.image.max():
        black = "" if output.any() else "the answer is black, "
        fault = f"{black}all values are 0 or 1: floats from 0 to 1 were cast to bytes"
        return Finding(name, "broken", fault, f"code: {_BYTES}; {_RANGES}")
    ends = _ends(output, case)
    if ends is not None and change(output, case) > REDRAWN:
        fault = (
            f"known pixels are of another range: black comes back as {ends[0]:.0f}, white as {ends[1]:.0f}"
        )
        return Finding(name, "broken", fault, _RANGES)
    return Finding(name, "ok", f"values from {output.min()} to {output.max()}")


def _ends(output: Image, case: Case) -> tuple[float, float] | None:
    """Fit a line to known pixels, answer against picture; what black and white become, where it fits."""
    given, returned = case.image[~case.mask].ravel(), output[~case.mask].ravel()
    whole = (returned > 0) & (returned < 255)
    if whole.sum() < 100 or given[whole].std() < 1 or returned[whole].std() < 1:
        return None
    if np.corrcoef(given[whole], returned[whole])[0, 1] < 0.99:
        return None
    slope, black = np.polyfit(given[whole].astype(float), returned[whole].astype(float), 1)
    return float(black), float(black + 255 * slope)


def colour_finding(output: Image, case: Case) -> Finding:
    """Find red and blue exchanged, in known pixels or, where those were put back, in the hole."""
    name, remedy = "colour order", "pictures are RGB on both sides: exchange channels with [..., ::-1]"
    turned, straight = change(output[..., ::-1], case), change(output, case)
    if straight > REDRAWN and turned < straight / 4:
        return Finding(name, "broken", "known pixels come back with red and blue exchanged (BGR)", remedy)
    around, hole = case.image[~case.mask].mean(axis=0), output[case.mask].mean(axis=0)
    if np.abs(hole - around[::-1]).max() < 30 and np.abs(hole - around).max() > 60:
        return Finding(name, "broken", "the hole is filled with red and blue exchanged (BGR)", remedy)
    return Finding(name, "ok", "RGB")


def polarity_finding(output: Image, case: Case, opposite: Image | None) -> Finding:
    """Find a mask that is understood the other way round.

    Args:
        output: answer to the case.
        case: the picture.
        opposite: answer to the same picture with the opposite mask, if there is one.
    """
    name, remedy = (
        "polarity",
        "True (255 in a PNG) is missing: invert the mask, or declare it beside the network",
    )
    hole, known = output[case.mask].astype(float), output[~case.mask].astype(float)
    changed = change(output, case)
    if changed > REDRAWN:
        kept = hole.std() < 1 and min(abs(hole.mean() - value) for value in _PLACEHOLDERS) < 1
        better = opposite is not None and change(opposite, case) < changed / 4
        if better or (kept and np.abs(hole.mean() - known.mean()) > 10):
            fault = f"the known region was filled (changed by {changed:.0f} grey levels) and the hole kept"
            return Finding(name, "broken", fault, remedy)
    elif left_black(output, case):
        return Finding(name, "broken", "the hole came back black, as it was handed over", remedy)
    return Finding(name, "ok", "the hole is filled")


def known_finding(output: Image, case: Case) -> Finding:
    """Measure how far known pixels changed."""
    name, changed = "known pixels", change(output, case)
    if changed == 0:
        return Finding(name, "ok", "unchanged")
    fault = f"changed by {changed:.2f} grey levels on average"
    if changed <= REDRAWN:
        remedy = "nothing: they are put back before scoring, and the change is reported as known drift"
        return Finding(name, "note", fault, remedy)
    return Finding(name, "broken", fault, "the known region should come back; see the other findings")


def answer_of_another(first: Image, second: Image, case: Case, other: Case) -> bool:
    """Tell whether the answer to one case was given to another: it was remembered by too little.

    Args:
        first: answer to a case.
        second: answer to another case of the same size.
        case: the first.
        other: the second.
    """
    return np.array_equal(first, second) and change(first, case) < change(second, other) / 4
