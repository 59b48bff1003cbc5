"""Write model.pt: replace `Network` by your own. What it expects is declared in model.json beside it."""

import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

HERE = Path(__file__).resolve().parent


class Network(nn.Module):
    """Mean of the known pixels in a neighbourhood, or of the picture where there are none."""

    def forward(self, image: Tensor, mask: Tensor) -> Tensor:
        """Fill the hole; image and output (1, 3, H, W) from 0 to 1, mask (1, 1, H, W) with 1 = missing."""
        known = 1 - mask
        visible = image * known
        mean = visible.mean(dim=(2, 3), keepdim=True) / (known.mean(dim=(2, 3), keepdim=True) + 1e-6)
        near = nn.functional.avg_pool2d(visible, 31, stride=1, padding=15)
        fraction = nn.functional.avg_pool2d(known, 31, stride=1, padding=15)
        return visible + mask * (near + 1e-3 * mean) / (fraction + 1e-3)


def export_torchscript() -> None:
    """Trace at one size; `torch.jit.script` keeps branches that depend on it."""
    example = (torch.rand(1, 3, 64, 64), torch.zeros(1, 1, 64, 64))
    torch.jit.trace(Network().eval(), example).save(HERE / "model.pt")


if __name__ == "__main__":
    # Torch calls this way of exporting old; it is the one that every version of onnxruntime and torch reads.
    warnings.simplefilter("ignore", DeprecationWarning)
    export_torchscript()
