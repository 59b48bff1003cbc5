"""patchmatch-cython: PatchMatch over a pyramid, with votes and a blended seam."""

from collections.abc import Callable

from df8k.baselines.base import Image, Mask, MethodCard

from .peer import SECONDS, PeerFill, in_worker, installed


def patchmatch_cython(
    *,
    device: str = "cpu",  # noqa: ARG001 - factories share one signature
    patch: int = 7,
    loops: int = 2,
    seed: int = 0,
    megapixels: float = 1.1,
    seconds: float = SECONDS,
) -> PeerFill:
    """Load patchmatch-cython.

    Args:
        device: not used; runs on the CPU.
        patch: side of the patches, in pixels, odd.
        loops: rounds of match and vote on the coarse levels.
        seed: of its random search.
        megapixels: largest picture, in millions of pixels.
        seconds: limit of a call.

    Raises:
        MethodError: the package is not installed.
    """
    options = {"patch": patch, "loops": loops, "seed": seed}
    card = MethodCard(
        name="patchmatch-cython",
        version=f"1-patchmatch-cython-{installed('patchmatch-cython')}",
        summary="peer: patchmatch-cython, PatchMatch over a pyramid",
        source="PyPI patchmatch-cython; Barnes et al. 2009",
        licence="BSD-3-Clause",
        learning="none",
        settings=options,
    )
    return PeerFill(
        card,
        in_worker("df8k.baselines.peers.patchmatch_cython:fill", seconds, options),
        megapixels=megapixels,
        patch_px=patch,
    )


def fill(patch: int, loops: int, seed: int) -> Callable[[Image, Mask], Image]:
    """Make the call; runs in the worker process."""
    from patchmatch_cython import inpaint_pyramid

    def inpaint(image: Image, mask: Mask) -> Image:
        filled: Image = inpaint_pyramid(image, mask, patch_size=patch, em_loops=loops, seed=seed)
        return filled

    return inpaint
