"""NeuralPatchMatch: attention of the hole's patches to the known ones, from which detail is taken.

Every token is a patch of 8 x 8 working pixels. Its description is the low-passed colour patch joined with the
decoder's features of stride 8. Only hole queries are compared, and only with valid keys: the exact result of
the masked dense attention at a fraction of its work.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .geometry import PATCH
from .layers import RepConv

_COLOURS = 3 * PATCH * PATCH


class Match(nn.Module):
    """Normalised queries and keys of all tokens, with a learned temperature.

    A fresh network compares low-passed colours exactly: the patch projection starts as the identity, queries
    and keys as the same isometry, and the decoder's features enter with weight zero.

    Args:
        features: channels of the decoder's map at stride 8.
        keys: dimension of queries and keys, at least 192.
    """

    def __init__(self, features: int, keys: int) -> None:
        super().__init__()
        # A strided convolution instead of a pixel unshuffle, which exports to tensors of rank six.
        self.patch = nn.Conv2d(3, _COLOURS, PATCH, PATCH, bias=False)
        self.mix = RepConv(
            _COLOURS + features, _COLOURS + features, 3, groups=_COLOURS + features, active=False
        )
        self.query = nn.Conv2d(_COLOURS + features, keys, 1, bias=False)
        self.key = nn.Conv2d(_COLOURS + features, keys, 1, bias=False)
        self.log_temperature = nn.Parameter(torch.tensor(-3.0))
        self._start_as_colour_match()

    def _start_as_colour_match(self) -> None:
        with torch.no_grad():
            self.patch.weight.copy_(torch.eye(_COLOURS).view(_COLOURS, 3, PATCH, PATCH))
            for norm, conv in ((self.mix.norm, self.mix.conv), (self.mix.scale_norm, self.mix.scale)):
                norm.weight.fill_(1)
                if conv is not None:
                    conv.weight.zero_()
            if self.mix.skip is not None:
                self.mix.skip.weight.fill_(1)
            isometry = torch.empty(self.query.out_channels, _COLOURS)
            nn.init.orthogonal_(isometry)
            for conv in (self.query, self.key):
                conv.weight.zero_()
                conv.weight[:, :_COLOURS, 0, 0] = isometry

    @property
    def temperature(self) -> Tensor:
        """Divides the cosine similarities; a positive scalar, 0.05 at the start."""
        return self.log_temperature.exp()

    def forward(self, low: Tensor, features: Tensor) -> tuple[Tensor, Tensor]:
        """Describe the tokens.

        Args:
            low: low-passed composite ``(B, 3, H, W)`` in [0, 1].
            features: decoder features ``(B, C, H / 8, W / 8)``.

        Returns:
            Queries and keys, float ``(B, N, K)`` of unit length, tokens in row order.
        """
        tokens = self.mix(torch.cat((self.patch(low - 0.5), features), dim=1))
        return _unit(self.query(tokens)), _unit(self.key(tokens))


def _unit(x: Tensor) -> Tensor:
    length = ((x * x).sum(1, keepdim=True) + 1e-6).sqrt()
    return (x / length).flatten(2).transpose(1, 2)


def mix_hole(
    queries: Tensor, keys: Tensor, values: Tensor, hole: Tensor, valid: Tensor, temperature: Tensor
) -> Tensor:
    """Replace the hole's values by softmax mixtures of valid ones (paper, section 3: NeuralPatchMatch).

    Equal to dense attention whose map is multiplied with the paper's mask M_D and renormalised: known tokens
    keep themselves, hole tokens see valid tokens alone.

    Args:
        queries: ``(N, K)``.
        keys: ``(N, K)``.
        values: ``(N, D)``.
        hole: int64 ``(n,)``, tokens to replace.
        valid: int64 ``(m,)``, tokens to take from; with none, the values stay.
        temperature: positive scalar.

    Returns:
        ``(N, D)``, differentiable.
    """
    if hole.numel() == 0 or valid.numel() == 0:
        return values
    weights = F.softmax(queries[hole] @ keys[valid].T / temperature, dim=1)
    return values.index_copy(0, hole, (weights @ values[valid]).to(values.dtype))
