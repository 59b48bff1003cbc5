"""What the inference pipelines ask of a network, and what they get."""

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from df8k.baselines.base import Mask
from df8k.baselines.hifill.network.geometry import Start

from .grid import Floats

if TYPE_CHECKING:
    from torch import Tensor


class Prediction(NamedTuple):
    """Result of the network for a picture of 512 x 512.

    Attributes:
        filled: float32 ``(512, 512, 3)``, RGB in [0, 255]: the refined stage.
        attention: float32 ``(1024, 1024)``, queries by keys; of torch on its device.
        valid: bool ``(1024,)``: the cells that may be copied from.
    """

    filled: Floats
    attention: "Tensor | Floats"
    valid: Mask

    def weights(self) -> Floats:
        """Attention as an array of numpy."""
        attention = self.attention
        return attention if isinstance(attention, np.ndarray) else attention.cpu().numpy()


class Runner(Protocol):
    """Generator ready to run.

    Attributes:
        seconds: of the last call inside the network; ``None`` before the first.
    """

    seconds: float | None

    @property
    def start(self) -> Start:
        """Content of the hole before the first layer, see `Generator`."""
        ...

    @property
    def reduction(self) -> int:
        """Pixels along a side that the coarse stage sees as one, see `Generator`."""
        ...

    def __call__(self, image: Floats, mask: Mask) -> Prediction:
        """Run the network.

        Args:
            image: float32 ``(512, 512, 3)``, RGB in [0, 255]; the hole is zeroed here.
            mask: bool ``(512, 512)``, True = missing.
        """
        ...
