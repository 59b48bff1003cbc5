"""Filling by patches of the known region: the method, and the control that takes them at random."""

from collections.abc import Callable
from functools import partial

from df8k.baselines.base import Image, Mask, MethodCard, MethodError, check_inputs
from df8k.baselines.harmonic import HarmonicFill

from .enlargement import Shifts, paint
from .pyramid import Colours
from .random_sources import random_shifts
from .reduction import reduced
from .solve import match_and_vote
from .texture import described

RESOLUTION = 1024
_RESOLUTION_OF_CONTROL = 512
TEXTURE = 7.0
_LEAST_RESOLUTION = 64


class ExemplarFill:
    """Fill the hole with pixels of the known region.

    Sources of all pixels are sought at a working resolution; their pixels are then copied at full size.
    Where too little is known for a single patch (see `pyramid.build`), the hole is filled by `HarmonicFill`.

    Attributes:
        card: name, version and settings.
    """

    def __init__(
        self,
        card: MethodCard,
        sources: Callable[[Colours, Mask, Mask], tuple[Image, Shifts] | None],
        *,
        resolution: int,
        texture: float = 0.0,
    ) -> None:
        """Keep the settings.

        Args:
            card: name, version and settings.
            sources: fills a picture at the working resolution; see `solve.match_and_vote`.
            resolution: longer side at most, in pixels, at which sources are sought.
            texture: weight of texture strength against colour in the comparison of patches.

        Raises:
            MethodError: a setting out of range.
        """
        if resolution < _LEAST_RESOLUTION:
            raise MethodError(f"working_resolution must be {_LEAST_RESOLUTION} or more; got {resolution}")
        if texture < 0:
            raise MethodError(f"texture must not be negative; got {texture:g}")
        self.card = card
        self._sources, self._resolution, self._texture = sources, resolution, texture

    def __call__(self, image: Image, mask: Mask) -> Image:
        """Fill the hole; see `baselines.Inpainter`."""
        check_inputs(image, mask)
        if not mask.any():
            return image.copy()
        working = reduced(image, mask, self._resolution)
        filled = None
        if not working.hole.all():
            filled = self._sources(described(working, self._texture), working.hole, working.usable)
        if filled is None:
            return HarmonicFill()(image, mask)
        output = image.copy()
        paint(output, mask, working, *filled)
        return output


def patchmatch(
    *,
    device: str = "cpu",  # noqa: ARG001 - factories share one signature
    working_resolution: int = RESOLUTION,
    texture: float = TEXTURE,
    seed: int = 0,
) -> ExemplarFill:
    """Load coarse-to-fine PatchMatch.

    Args:
        device: not used; runs on the CPU.
        working_resolution: longer side at most at which the hole is solved, in pixels.
        texture: weight of texture strength against colour; 0 compares colours alone.
        seed: of the random search.

    Raises:
        MethodError: an option out of range.
    """
    card = MethodCard(
        name="patchmatch",
        version="5",
        summary="coarse-to-fine PatchMatch: known patches matched, voted and copied",
        source="Wexler et al. 2007; Barnes et al. 2009; Newson et al. 2014; He and Sun 2012, repetition",
        licence="Apache-2.0",
        learning="none",
        settings={"working_resolution": working_resolution, "texture": texture, "seed": seed},
    )
    return ExemplarFill(
        card, partial(match_and_vote, seed=seed), resolution=working_resolution, texture=texture
    )


def random_sources(
    *,
    device: str = "cpu",  # noqa: ARG001 - factories share one signature
    working_resolution: int = _RESOLUTION_OF_CONTROL,
    seed: int = 0,
) -> ExemplarFill:
    """Load the control: each patch of the hole from a random known source, copied as `patchmatch` copies.

    Args:
        device: not used; runs on the CPU.
        working_resolution: longer side at most at which patches are cut, in pixels.
        seed: of the choice.

    Raises:
        MethodError: an option out of range.
    """
    card = MethodCard(
        name="random-sources",
        version="1",
        summary="control: patches from random known sources, which a claim about texture must beat",
        source="control of this suite, docs/methods.md",
        licence="Apache-2.0",
        learning="none",
        control=True,
        settings={"working_resolution": working_resolution, "seed": seed},
    )
    return ExemplarFill(card, partial(random_shifts, seed=seed), resolution=working_resolution)
