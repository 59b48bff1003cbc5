"""Generator of the shipped weights, whose decoder adds nothing, as an ONNX graph without numbers.

``python -m df8k.baselines.hifill.inference.shipped_graph`` writes it again after a change of the network.
"""

import warnings
from pathlib import Path
from time import perf_counter
from typing import Final

import numpy as np

from df8k.baselines._shipped_graph import ShippedGraph
from df8k.baselines.base import Mask
from df8k.baselines.hifill.network.geometry import CELLS, HEAD, SIZE, Gate, Start
from df8k.baselines.hifill.network.harmonic_fill import fill_planes
from df8k.baselines.hifill.stored import Stored

from .grid import Floats
from .prediction import Prediction

GRAPH: Final = ShippedGraph(
    path=Path(__file__).with_name("hifill.onnx"),
    method=Path(__file__).parent.parent,
    sources=(
        "network/generator.py",
        "network/layers.py",
        "network/attention.py",
        "network/geometry.py",
        "inference/shipped_graph.py",
    ),
    unused=("refine.re_att_", "refine.re_de_"),
)
_GATES: Final[tuple[Gate, Gate]] = ("sc", "pw")
_START: Final[Start] = "membrane"
_REDUCTION: Final = 8


class GraphRunner:
    """Generator on onnxruntime, on the CPU; see `Runner`.

    Args:
        stored: weights that `fits` accepts.
    """

    def __init__(self, stored: Stored) -> None:
        self.seconds: float | None = None
        self.start: Start = stored.start
        self.reduction = stored.reduction
        self._session = GRAPH.session(stored.tensors)

    def __call__(self, image: Floats, mask: Mask) -> Prediction:
        """See `Runner`."""
        begin = perf_counter()
        bgr = image.transpose(2, 0, 1)[::-1] / np.float32(127.5) - np.float32(1)
        fill_planes(bgr, mask)
        holes = mask[None, None].astype(np.float32)
        refined, attention, valid = self._session.run(None, {"begun": bgr[None], "mask": holes})
        self.seconds = perf_counter() - begin
        rgb = np.ascontiguousarray(refined[0, ::-1].transpose(1, 2, 0))
        return Prediction((rgb + 1) * np.float32(127.5), attention[0], valid.reshape(CELLS) > 0)


def fits(stored: Stored) -> bool:
    """Tell whether the graph is that of these weights: their network, with a decoder that adds nothing."""
    configuration = (stored.coarse_gate, stored.refine_gate), stored.start, stored.reduction
    if configuration != (_GATES, _START, _REDUCTION) or not GRAPH.fits(stored.tensors):
        return False
    return not any(stored.tensors[name].any() for name in HEAD)


def write_shipped_graph(folder: Path) -> None:
    """Export the generator and write both files of `GRAPH` to a folder."""
    import torch
    from torch import nn

    from df8k.baselines.hifill.network.attention import valid_keys
    from df8k.baselines.hifill.network.generator import Generator

    network = Generator(
        coarse_gate=_GATES[0], refine_gate=_GATES[1], start=_START, reduction=_REDUCTION
    ).eval()

    class Inference(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(
            self, begun: torch.Tensor, mask: torch.Tensor
        ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
            coarse, _, attention = self.network.before_decoder(begun, mask)
            return coarse.clamp(-1, 1), attention, valid_keys(mask)

    def export(path: Path) -> None:
        mask = torch.zeros(1, 1, SIZE, SIZE)
        mask[..., 100:200, 200:300] = 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter warns about its own internals
            torch.onnx.export(
                Inference().eval(),
                (torch.rand(1, 3, SIZE, SIZE), mask),
                path,
                input_names=["begun", "mask"],
                output_names=["refined", "attention", "valid"],
                opset_version=18,
                external_data=False,
                dynamo=True,
                verbose=False,
            )

    GRAPH.write(network, export, folder)


if __name__ == "__main__":
    write_shipped_graph(GRAPH.path.parent)
