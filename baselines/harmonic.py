"""Harmonic fill: Laplace's equation in the hole, solved by full multigrid."""

import numpy as np

from .base import Image, Mask, MethodCard, MethodError, check_inputs
from .mean import MeanFill
from .multigrid import CYCLES, hierarchy, solve
from .multigrid.planes import cut_out, read_channel, write_rounded


class HarmonicFill:
    """Fill the hole with the harmonic function of its boundary values, also called a membrane.

    Each channel solves the five-point Laplace equation inside the hole. Known pixels are Dirichlet data,
    image borders are reflecting (Neumann). The solver is full multigrid: the known pixels are averaged down
    until no hole is left; on the way up every level starts from the enlarged coarser solution and improves it
    by V-cycles with red-black Gauss-Seidel smoothing. With the default of two cycles the result stays within
    two grey levels of a direct sparse solve on photographs, 0.1 on average; white noise, the worst case,
    differs by up to 6 and 0.2 on average. Each further cycle divides that by about three. An image without a
    known pixel becomes mid-grey.
    """

    def __init__(self, cycles: int = CYCLES) -> None:
        if cycles < 1:
            raise MethodError(f"harmonic runs at least 1 cycle per level; got cycles={cycles}")
        self._cycles = cycles
        self.card = MethodCard(
            name="harmonic",
            version="1",
            summary="membrane fill: Laplace's equation by multigrid",
            source="P. Perez et al., Poisson Image Editing, 2003, eq. 2, by full multigrid",
            licence="Apache-2.0",
            learning="none",
            settings={"cycles": cycles},
        )

    def __call__(self, image: Image, mask: Mask) -> Image:
        """Fill the hole; see `baselines.Inpainter`."""
        check_inputs(image, mask)
        if mask.all():
            return MeanFill()(image, mask)
        output = image.copy()
        if not mask.any():
            return output
        hole, top, left = cut_out(mask)
        levels, plane = hierarchy(hole), np.empty(hole.shape, np.float32)
        for channel in range(3):
            read_channel(plane, output, channel, top, left)
            solve(plane, levels, cycles=self._cycles)
            write_rounded(output, plane, levels[0].runs, channel, top, left)
        return output


def harmonic(*, device: str = "cpu", cycles: int = CYCLES) -> HarmonicFill:  # noqa: ARG001 - one signature
    """Load `HarmonicFill`; ``cycles`` V-cycles are run at every level."""
    return HarmonicFill(cycles)
