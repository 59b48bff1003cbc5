"""Generator in torch as the inference pipelines call it: RGB arrays in, RGB arrays out."""

import numpy as np
import torch

from df8k.baselines._clock import now
from df8k.baselines.base import Mask, MethodError
from df8k.baselines.hifill.network.attention import valid_keys
from df8k.baselines.hifill.network.generator import Generator
from df8k.baselines.hifill.network.geometry import CELLS, Start

from .grid import Floats
from .prediction import Prediction


class GeneratorRunner:
    """Generator on a device; see `Runner`.

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
        """See `Runner`."""
        return self._generator.start

    @property
    def reduction(self) -> int:
        """See `Runner`."""
        return self._generator.reduction

    def __call__(self, image: Floats, mask: Mask) -> Prediction:
        """See `Runner`."""
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
