"""See on a drawn picture that a network fills the hole and keeps the known region, before its first image."""

from typing import Final

from df8k.baselines.base import Inpainter, MethodError
from df8k.baselines.contract import symptoms
from df8k.baselines.contract.pictures import case

_SIDE: Final = 512  # px: what public networks were made for


def check_polarity(inpaint: Inpainter, spec: str, size: int | None) -> None:
    """Call a method on one drawn picture.

    Args:
        inpaint: before any strategy, which would hide what happens to known pixels.
        spec: for the message.
        size: side of the only squares that it takes, in pixels.

    Raises:
        MethodError: it fills the known region and keeps the hole, or answers in another range: the file is
            not what the catalogue declares.
        baselines.MethodFailedError: it does not answer.
    """
    side = size or _SIDE
    base = case("a picture", side, side)
    output = inpaint(base.image.copy(), base.mask.copy())
    in_bytes = symptoms.range_finding(output, base)
    polarity = symptoms.polarity_finding(output, base, None)
    for finding in (polarity, in_bytes):
        if finding.verdict == "broken":
            raise MethodError(
                f"{spec} does not do what the catalogue says: {finding.found}; nothing was measured. "
                "Its file is another export than the declared one: bring it as FILE.onnx with a "
                "declaration of your own (docs/methods.md)"
            )
