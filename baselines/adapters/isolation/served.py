"""Exported networks as a worker process serves them: apart from the harness."""

from dataclasses import asdict
from pathlib import Path

from df8k.baselines.adapters import exported
from df8k.baselines.base import Image, Mask


class Served:
    """Network with a card that passes the channel.

    Attributes:
        card: what results say of it.
    """

    def __init__(self, network: exported.ExportedNetwork) -> None:
        self._network = network
        card = asdict(network.card)
        self.card = {name: card[name] for name in ("name", "version", "summary", "source", "licence")}
        self.card["settings"] = card["settings"]

    @property
    def model_seconds(self) -> float | None:
        """Seconds inside the network; see `baselines.base.Clocked`."""
        return self._network.model_seconds

    def __call__(self, image: Image, mask: Mask) -> Image:
        """Fill the hole; see `baselines.Inpainter`."""
        return self._network(image, mask)


def onnx(path: str, device: str, convention: str | None = None) -> Served:
    """Open an ONNX file; see `exported.onnx`."""
    return Served(exported.onnx(Path(path), device=device, convention=convention))


def torchscript(path: str, device: str, convention: str | None = None) -> Served:
    """Open a TorchScript file; see `exported.torchscript`."""
    return Served(exported.torchscript(Path(path), device=device, convention=convention))
