"""Resynthesizer, as in GIMP's "Heal selection": pixel by pixel, best match of the neighbourhood so far."""

from df8k.baselines.base import MethodCard

from .peer import SECONDS, PeerFill, as_program, installed


def resynthesizer(
    *,
    device: str = "cpu",  # noqa: ARG001 - factories share one signature
    megapixels: float = 1.1,
    seconds: float = SECONDS,
) -> PeerFill:
    """Load Resynthesizer with its own defaults, as a program: it is GPL, and nothing here links to it.

    Args:
        device: not used; runs on the CPU.
        megapixels: largest picture, in millions of pixels.
        seconds: limit of a call.

    Raises:
        MethodError: the package is not installed.
    """
    card = MethodCard(
        name="resynthesizer",
        version=f"1-resynthesizer-{installed('resynthesizer')}",
        summary="peer: Resynthesizer, as in GIMP's Heal selection",
        source="PyPI resynthesizer; P. Harrison, Image Texture Tools, thesis, Monash University, 2005",
        licence="GPL-3.0",
        learning="none",
    )
    arguments = "-m resynthesizer.resynthesizer {image} {mask} {output}"
    return PeerFill(card, as_program(arguments, seconds), megapixels=megapixels, patch_px=1)
