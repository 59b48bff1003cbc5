"""Inputs and weights that the authors' released module and ours are given, and how its numbers were taken.

`released.npz` beside this file holds what the release computes for them: numbers only. To take them again,
clone https://github.com/CrisalixSA/rethined at d37de0e, install kornia and einops, and run

    python tests/baselines/rethined/released.py FOLDER_OF_THE_CLONE

The release imports a file ``mobileone`` that it does not hold, and its decoder fits no published encoder. So
its attention is run on a given coarse picture and given features, and its decoder, narrowed, on given maps.
"""

import sys
import types
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

SIDE = 256
SCALE = 2
FEATURES = 896
WIDTHS = (8, 12, 16, 24, 32)
NUMBERS = Path(__file__).with_name("released.npz")
_STEP = 4

# Names in the release, and in `OfficialNetwork`.
NAMES = {
    "multihead_attention.w_qs.weight": "query.weight",
    "multihead_attention.w_ks.weight": "key.weight",
    "multihead_attention.w_vs.weight": "value.weight",
    "multihead_attention.fc.weight": "project.weight",
    "final_conv.0.weight": "coherence.weight",
    "final_conv.0.bias": "coherence.bias",
    **{f"d{4 - i}.{kind}": f"up.{i}.{kind}" for i in range(5) for kind in ("weight", "bias")},
}


def drawn(name: str, *shape: int, gain: float = 1.0) -> Tensor:
    """Draw a tensor that depends on its name and shape alone: normal, float32."""
    random = np.random.RandomState(zlib.crc32(name.encode()))
    return torch.from_numpy((random.standard_normal(shape) * gain).astype(np.float32))


def weight(name: str, like: Tensor) -> Tensor:
    """Draw a weight of the release by its name there."""
    gain = 3.0 if name.endswith(("w_qs.weight", "w_ks.weight")) else 1.5
    return drawn(name, *like.shape, gain=gain / float(np.sqrt(max(1, like[0].numel()))))


def picture(side: int) -> Tensor:
    """Make a picture, float32 ``(1, 3, side, side)`` in [0, 1]."""
    y, x = torch.meshgrid(*[torch.arange(side, dtype=torch.float64) / side] * 2, indexing="ij")
    waves = torch.stack(((9 * x + 3 * y).sin(), (13 * y - 5 * x * y).cos(), (40 * x * y).sin()))
    return (0.5 + 0.3 * waves).float()[None] + 0.1 * drawn("noise", 1, 3, side, side).clamp(-2, 2)


def hole() -> Tensor:
    """Make a mask, float32 ``(1, 1, 256, 256)``, 1 = missing; its borders cut patches."""
    mask = torch.zeros(1, 1, SIDE, SIDE)
    mask[..., 61:150, 80:203] = 1
    mask[..., 200:207, 10:120] = 1
    return mask


def coarse() -> Tensor:
    """Make a coarse picture, float32 ``(1, 3, 256, 256)``."""
    return picture(SIDE).flip(-1) * 0.8 + 0.1


def features() -> Tensor:
    """Make the encoder's features that tokens are joined with, float32 ``(1, 896, 16, 16)``."""
    return drawn("features", 1, FEATURES, 16, 16)


def maps() -> list[Tensor]:
    """Make five maps for a decoder of `WIDTHS`, finest first."""
    sides = (64, 32, 16, 8, 4)
    return [drawn(f"map {i}", 1, c, s, s) for i, (c, s) in enumerate(zip(WIDTHS, sides, strict=True))]


def sampled(found: dict[str, Tensor]) -> dict[str, npt.NDArray[np.float32]]:
    """Reduce results to what the fixture holds."""
    attention = found["attention"].reshape(1024, 1024)
    return {
        "output": found["output"][0, :, ::_STEP, ::_STEP].numpy(),
        "block": found["output"][0, :, 96:112, 96:112].numpy(),
        "output_mean": found["output"].mean((0, 2, 3)).numpy(),
        "attention_most": attention.amax(1).numpy(),
        "attention_part": attention[::64, ::16].numpy(),
        "upscaled": found["upscaled"][0, :, 3 :: 4 * _STEP, 5 :: 4 * _STEP].numpy(),
        "decoded": found["decoded"][0, :, ::_STEP, ::_STEP].numpy(),
    }


def _take(folder: str) -> None:
    sys.path.insert(0, folder)
    sys.modules["mobileone"] = types.ModuleType("mobileone")
    sys.modules["mobileone"].MobileOne = None  # type: ignore[attr-defined]
    sys.modules["mobileone"].mobileone = lambda **_: nn.Module()  # type: ignore[attr-defined]
    import model  # type: ignore[import-not-found]

    class Given(nn.Module):
        def forward(self, image: Tensor) -> tuple[Tensor, list[Tensor]]:
            return coarse(), [image, image, features()]

    network = model.PatchInpainting(
        kernel_size=8,
        nheads=1,
        merge_mode="all",
        image_size=SIDE,
        embed_dim=576,
        use_qpos=None,
        use_kpos=None,
        feature_i=2,
        feature_dim=FEATURES,
        final_conv=True,
        compute_v=False,
        model=Given(),
    ).eval()
    decoder = model.MobileOneCoarse()
    inputs = (WIDTHS[4], *(2 * c for c in WIDTHS[3::-1]))
    for i, outputs in enumerate((*WIDTHS[3::-1], 3)):
        setattr(decoder, f"d{4 - i}", nn.ConvTranspose2d(inputs[i], outputs, 4, stride=2, padding=1))
    for i, given in enumerate(maps()):
        stage = nn.Module()
        stage.forward = lambda _, given=given: given  # type: ignore[assignment]
        setattr(decoder.model, f"stage{i}", stage)
    with torch.inference_mode():
        for part in (network, decoder):
            for name, parameter in part.named_parameters():
                if name in NAMES:
                    parameter.copy_(weight(name, parameter))
        output, attention, _ = network(picture(SIDE) * (1 - hole()), hole())
        upscaled = model.AttentionUpscaling(network)(picture(SIDE * SCALE), output, attention)
        decoded, _ = decoder(torch.zeros(1, 3, 8, 8))
    found = {"output": output, "attention": attention, "upscaled": upscaled, "decoded": decoded}
    np.savez_compressed(NUMBERS, **sampled(found))


if __name__ == "__main__":
    _take(sys.argv[1])
