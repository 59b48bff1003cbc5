"""Write model.onnx: replace `Network` by your own. What it expects is declared in model.json beside it."""

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


def export_onnx() -> None:
    """Export with free height and width."""
    free = {2: "height", 3: "width"}
    torch.onnx.export(
        Network().eval(),
        (torch.rand(1, 3, 64, 64), torch.zeros(1, 1, 64, 64)),
        HERE / "model.onnx",
        input_names=["image", "mask"],
        output_names=["output"],
        dynamic_axes={"image": free, "mask": free, "output": free},
        dynamo=False,
    )


if __name__ == "__main__":
    # Torch calls this way of exporting old; it is the one that every version of onnxruntime and torch reads.
    warnings.simplefilter("ignore", DeprecationWarning)
    export_onnx()
