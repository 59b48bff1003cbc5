"""Run the contract on a method, on small procedural pictures."""

import time
from collections.abc import Iterator

import numpy as np

from df8k.baselines.base import Declares, Image, Inpainter, Mask, MethodFailedError

from . import symptoms
from .finding import Finding
from .pictures import HOLES, Case, case, hole_case

_BASE = (160, 192)  # multiples of 32, which most networks take
_REMEMBERED, _NOTICEABLE_S = 0.25, 0.1  # of the time of a new picture; below that, chance
_ODD = ((97, 131), (45, 33))


def check_method(inpaint: Inpainter) -> Iterator[Finding]:
    """Check that a method fills what is missing, keeps what is known, and takes any size and hole.

    Args:
        inpaint: any method, also one under a strategy. One that takes a single size alone is shown that size
            first.

    Yields:
        Findings, in the order in which they are made; ``broken`` says that the contract is.
    """
    height, width = _only_size(inpaint) or _BASE
    base = case("a picture", height, width)
    output = _ask(inpaint, base.image, base.mask)
    if isinstance(output, Finding):
        yield output
        yield Finding("everything else", "skipped", "there is no answer to look at")
        return
    yield Finding("answer", "ok", f"uint8 {output.shape}")
    yield from _meaning(inpaint, base, output)
    yield from _repeated(inpaint, base, output)
    yield from _remembered(inpaint, base)
    for rows, columns in _ODD:
        yield _answered(inpaint, case(f"a size of {columns} x {rows}", rows, columns))
    for name in HOLES:
        yield _answered(inpaint, hole_case(name, height, width))


def _meaning(inpaint: Inpainter, base: Case, output: Image) -> Iterator[Finding]:
    """Judge the pixels; a cause is named alone, because the rest follows from it."""
    other = _ask(inpaint, base.image, ~base.mask)
    polarity = symptoms.polarity_finding(output, base, None if isinstance(other, Finding) else other)
    if polarity.verdict == "broken":
        yield polarity
        return
    in_bytes = symptoms.range_finding(output, base)
    yield in_bytes
    if in_bytes.verdict == "broken":
        return
    yield polarity
    colour = symptoms.colour_finding(output, base)
    yield colour
    if colour.verdict == "ok":
        yield symptoms.known_finding(output, base)


def _repeated(inpaint: Inpainter, base: Case, first: Image) -> Iterator[Finding]:
    """Repeat the same call, with another between them."""
    name, remedy = "determinism", "seed every generator inside the call, from a constant"
    height, width = base.mask.shape
    between = case("another picture", height, width, phase=2.0)
    first = first.copy()
    other = _ask(inpaint, between.image, between.mask)
    if not isinstance(other, Finding) and symptoms.answer_of_another(first, other, base, between):
        fault = "another picture of this size got the answer to the first"
        yield Finding("memory", "broken", fault, "look for a cache whose key is less than picture and mask")
    again = _ask(inpaint, base.image, base.mask)
    if isinstance(again, Finding):
        fault = f"the same call failed the second time: {again.found}"
        yield Finding(name, "broken", fault, again.remedy)
        return
    most = int(np.abs(first.astype(np.int16) - again).max())
    if most == 0:
        yield Finding(name, "ok", "two calls give the same picture")
        return
    fault = f"two calls differ by up to {most} grey levels"
    yield Finding(name, "note" if most == 1 else "broken", fault, remedy)


def _remembered(inpaint: Inpainter, base: Case) -> Iterator[Finding]:
    """Compare the time of pictures that are new with that of the same pictures once more."""
    height, width = base.mask.shape
    new: list[float] = []
    known: list[float] = []
    for phase in (3.0, 4.0, 5.0):
        picture = case("a new picture", height, width, phase=phase)
        for seconds in (new, known):
            start = time.perf_counter()
            _ask(inpaint, picture.image, picture.mask)
            seconds.append(time.perf_counter() - start)
    slowest, fastest = max(known), min(new)
    if slowest < _REMEMBERED * fastest and fastest - slowest > _NOTICEABLE_S:
        fault = f"new pictures take at least {fastest:.2g} s, the same ones again at most {slowest:.2g} s"
        remedy = "nothing need be done: answers are remembered, and times are taken on altered pictures"
        yield Finding("memory", "note", fault, remedy)


def _answered(inpaint: Inpainter, special: Case) -> Finding:
    """Check that a special picture is answered, and its hole filled."""
    output = _ask(inpaint, special.image, special.mask)
    if isinstance(output, Finding):
        return Finding(special.name, "broken", output.found, output.remedy)
    if not special.mask.all() and symptoms.left_black(output, special):
        return Finding(
            special.name, "broken", "the hole came back black", "fill every pixel that the mask says"
        )
    return Finding(special.name, "ok", "answered")


def _ask(inpaint: Inpainter, image: Image, mask: Mask) -> Image | Finding:
    """Call the method; the answer, or the finding that there is none."""
    try:
        output = np.asarray(inpaint(image.copy(), mask.copy()))
    except MethodFailedError as error:
        return Finding("answer", "broken", f"{error.kind}: {error}", symptoms.advice(error.kind, str(error)))
    except Exception as error:  # noqa: BLE001 - a foreign method may raise anything
        return Finding("answer", "broken", f"{type(error).__name__}: {error}", symptoms.advice("error", ""))
    if output.dtype != np.uint8 or output.shape != image.shape:
        fault = f"wrong-output: returned {output.dtype} {output.shape}, expected uint8 {image.shape}"
        return Finding("answer", "broken", fault, symptoms.advice("wrong-output", fault))
    return output


def _only_size(inpaint: Inpainter) -> tuple[int, int] | None:
    declaration = inpaint.declaration if isinstance(inpaint, Declares) else None
    return None if declaration is None else declaration.size
