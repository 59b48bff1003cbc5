"""G'MIC's matchpatch: multi-scale PatchMatch, as its plug-ins for painting programs offer it."""

import shlex

from df8k.baselines.base import MethodCard

from .peer import SECONDS, PeerFill, as_program, installed

_PATCH_PX = 9
# Scales chosen by it, its own patch, rounds and blending; none across the boundary, where pixels are known.
_ARGUMENTS = f"0,{_PATCH_PX},10,5,0"
# The interpreter is the command: the package brings the library alone, and its licence stays in that process.
_RUN = "import sys, gmic; gmic.run(' '.join(sys.argv[1:]))"


def gmic_matchpatch(
    *,
    device: str = "cpu",  # noqa: ARG001 - factories share one signature
    megapixels: float = 4.2,
    seconds: float = SECONDS,
) -> PeerFill:
    """Load G'MIC's ``inpaint_matchpatch`` with its own defaults.

    Args:
        device: not used; runs on the CPU.
        megapixels: largest picture, in millions of pixels.
        seconds: limit of a call.

    Raises:
        MethodError: the package is not installed.
    """
    card = MethodCard(
        name="gmic-matchpatch",
        version=f"1-gmic-{installed('gmic')}",
        summary="peer: G'MIC inpaint_matchpatch, multi-scale PatchMatch",
        source="PyPI gmic, command inpaint_matchpatch",
        licence="CeCILL-2.1",
        learning="none",
        settings={"arguments": _ARGUMENTS},
    )
    steps = (
        f"srand 0 {{image}} {{mask}} inpaint_matchpatch[0] [1],{_ARGUMENTS} keep[0] round cut 0,255 "
        "output {output},uint8"
    )
    return PeerFill(
        card,
        as_program(f"-c {shlex.quote(_RUN)} {steps}", seconds),
        megapixels=megapixels,
        patch_px=_PATCH_PX,
    )
