"""PyPatchMatch: multi-scale PatchMatch in C++, the free package that users take."""

from collections.abc import Callable

from df8k.baselines.base import Image, Mask, MethodCard

from .peer import SECONDS, PeerFill, in_worker, installed


def pypatchmatch(
    *,
    device: str = "cpu",  # noqa: ARG001 - factories share one signature
    radius: int = 3,
    seed: int = 0,
    megapixels: float = 8.3,
    seconds: float = SECONDS,
) -> PeerFill:
    """Load PyPatchMatch.

    Args:
        device: not used; runs on the CPU.
        radius: of the patches, in pixels; its examples use 3, patches of 7 x 7.
        seed: of its random search.
        megapixels: largest picture, in millions of pixels.
        seconds: limit of a call.

    Raises:
        MethodError: the package is not installed.
    """
    options = {"radius": radius, "seed": seed}
    card = MethodCard(
        name="pypatchmatch",
        version=f"1-pypatchmatch-{installed('pypatchmatch')}",
        summary="peer: PyPatchMatch, multi-scale PatchMatch in C++",
        source="PyPI pypatchmatch; Wexler et al. 2007, Barnes et al. 2009",
        licence="MIT",
        learning="none",
        settings=options,
    )
    return PeerFill(
        card,
        in_worker("df8k.baselines.peers.pypatchmatch:fill", seconds, options),
        megapixels=megapixels,
        patch_px=2 * radius + 1,
    )


def fill(radius: int, seed: int) -> Callable[[Image, Mask], Image]:
    """Make the call; runs in the worker process."""
    import patchmatch

    def inpaint(image: Image, mask: Mask) -> Image:
        patchmatch.set_random_seed(seed)
        filled: Image = patchmatch.inpaint(image, mask, patch_size=radius)
        return filled

    return inpaint
