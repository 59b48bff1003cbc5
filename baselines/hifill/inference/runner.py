"""Generator as the inference pipelines call it: RGB arrays in, RGB arrays out."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from df8k.baselines._clock import now
from df8k.baselines.base import Mask, MethodError
from df8k.baselines.hifill.network.attention import CELLS, valid_keys
from df8k.baselines.hifill.network.generator import Generator, Start

from .grid import Floats


class Prediction(NamedTuple):
    """Result of the network for a picture of 512 x 512.

    Attributes:
        filled: float32 ``(512, 512, 3)``, RGB in [0, 255]: the refined stage.
        attention: float32 ``(1024, 1024)`` on the network's device: queries by keys.
        valid: bool ``(1024,)``: the cells that may be copied from.
    """

    filled: Floats
    attention: Tensor
    valid: Mask


class GeneratorRunner:
    """Generator on a device.

    Attributes:
        seconds: of the last call inside the generator; ``None`` before the first.

    Args:
        generator: its weights are moved to ``device``.
        device: torch device string.

    Raises:
        MethodError: torch cannot use the device.
    """

    def __init__(self, generator: Generator, device: str) -> None:
        self.seconds: float | None = None
        try:
            self.device = torch.device(device)
            self._generator = generator.to(self.device).to(memory_format=torch.channels_last).eval()
        except (RuntimeError, AssertionError) as error:
            raise MethodError(f"cannot use device {device!r}: {str(error).splitlines()[0]}") from error

    @property
    def start(self) -> Start:
        """Content of the hole before the first layer, see `Generator`."""
        return self._generator.start

    @property
    def reduction(self) -> int:
        """Pixels along a side that the coarse stage sees as one, see `Generator`."""
        return self._generator.reduction

    def __call__(self, image: Floats, mask: Mask) -> Prediction:
        """Run the network.

        Args:
            image: float32 ``(512, 512, 3)``, RGB in [0, 255]; the hole is zeroed here.
            mask: bool ``(512, 512)``, True = missing.
        """
        bgr = np.ascontiguousarray(image[:, :, ::-1]) / np.float32(127.5) - np.float32(1)
        pixels = torch.from_numpy(bgr).permute(2, 0, 1)[None].to(self.device)
        holes = torch.from_numpy(mask).to(self.device, torch.float32)[None, None]
        with torch.inference_mode():
            start = now(self.device)
            result = self._generator(pixels, holes)
            self.seconds = now(self.device) - start
            rgb = (result.refined[0].permute(1, 2, 0).flip(-1) + 1) * 127.5
            valid = valid_keys(holes).reshape(CELLS) > 0
        return Prediction(rgb.cpu().numpy(), result.attention[0], valid.cpu().numpy())
