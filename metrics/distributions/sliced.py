"""Sliced Wasserstein distance between sets of patches: a distribution metric without weights."""

from math import inf

import numpy as np
import numpy.typing as npt

from df8k.metrics.estimate import Estimate, Rows, Samples
from df8k.metrics.spec import MetricSpec

from .jackknife import Values, own, pseudo_values, rows_of

METRICS = (
    MetricSpec(
        name="swd",
        variant="swd-laplace-4x32-7-v1",
        summary="sliced Wasserstein distance of Laplacian-pyramid patches around the hole, x 1000",
        source="Karras et al., Progressive Growing of GANs, 2018",
        kind="distribution",
        higher_is_better=False,
        range=(0.0, inf),
        target="df8k.metrics.distributions.sliced:swd",
        features="df8k.metrics.pyramid_patches:laplacian_patches",
    ),
)
_DIRECTIONS = 512
_CHANNELS = 3
_FEW = 1000
_SCALE = 1000.0
# Of the directions, how many the jackknife looks along: its spread over pictures needs no more.
_JACKKNIFE_DIRECTIONS = 64


def sliced_distance(x: Rows, y: Rows) -> float:
    """Average the 1-Wasserstein distance between the projected sets over random directions.

    Args:
        x: float32 ``(n, d)``.
        y: float32 ``(n, d)``.
    """
    directions = _directions(x.shape[1])
    a, b = (np.sort(rows.astype(np.float64) @ directions, axis=0) for rows in (x, y))
    return float(np.abs(a - b).mean())


def _directions(dimensions: int) -> Values:
    generator = np.random.Generator(np.random.Philox(0))
    directions: Values = generator.standard_normal((dimensions, _DIRECTIONS))
    directions /= np.linalg.norm(directions, axis=0)
    return directions


def _whiten(rows: Rows) -> npt.NDArray[np.float32]:
    """Give every colour channel of the set zero mean and unit deviation; channels are interleaved."""
    values = rows.astype(np.float64).reshape(len(rows), -1, _CHANNELS)
    deviation = values.std(axis=(0, 1))
    deviation[deviation == 0] = 1.0
    whitened: npt.NDArray[np.float32] = (
        ((values - values.mean(axis=(0, 1))) / deviation).reshape(len(rows), -1).astype(np.float32)
    )
    return whitened


def swd(samples: Samples) -> Estimate:
    """Average the sliced distance over pyramid levels, times 1000; 0 for identical sets.

    Source:
        Karras et al., Progressive Growing of GANs, 2018, section 5; patches are drawn around the hole instead
        of anywhere, and levels are the image's own size and three halvings.
    """
    levels = [name for name, rows in samples.predictions.items() if len(rows)]
    if not levels:
        return Estimate(None, 0, reason="no picture has a hole that a patch could be drawn from")
    distances = {
        level: _SCALE * sliced_distance(_whiten(samples.predictions[level]), _whiten(samples.targets[level]))
        for level in levels
    }
    n = min(len(samples.predictions[level]) for level in levels)
    flags = (f"{n} patches a level are few: the value is biased upwards",) if n < _FEW else ()
    value = float(np.mean(list(distances.values())))
    pseudo = _pseudo_values(samples, levels, value) if samples.owners and samples.pictures > 2 else ()
    return Estimate(value, n, flags=flags, settings=distances, pseudo_values=pseudo)


def _pseudo_values(samples: Samples, levels: list[str], value: float) -> tuple[float, ...]:
    """Leave out each picture in turn, along the first `_JACKKNIFE_DIRECTIONS` directions.

    Both sides are whitened anew each time: a picture's contrast moves that of the whole set.
    """
    whole, without = 0.0, np.zeros(samples.pictures)
    everything = np.arange(0)
    for level in levels:
        sides = [_Projected(rows) for rows in rows_of(samples, level)]
        whole += _distance(sides, everything)
        without += [_distance(sides, left_out) for left_out in own(samples, level)]
    factor = _SCALE / len(levels)
    return pseudo_values(value, factor * whole, factor * without)


class _Projected:
    """Rows seen along the directions, channel by channel, so that whitening them anew is a weighted sum."""

    def __init__(self, rows: Rows) -> None:
        values = rows.astype(np.float64)
        directions = _directions(rows.shape[1])[:, :_JACKKNIFE_DIRECTIONS]
        channels = [values[:, channel::_CHANNELS] for channel in range(_CHANNELS)]
        of_channel = [directions[channel::_CHANNELS] for channel in range(_CHANNELS)]
        self._along = [a @ b for a, b in zip(channels, of_channel, strict=True)]
        self._offsets = [directions.sum(axis=0) for directions in of_channel]
        # Of each row and channel: the sum of its values and of their squares.
        self._sums = np.array([[channel.sum(axis=1), (channel**2).sum(axis=1)] for channel in channels])
        self._width = channels[0].shape[1]

    def without(self, left_out: npt.NDArray[np.int64]) -> Values:
        """Sort the whitened projections of the other rows: float64 ``(rows, directions)``."""
        total, square = (self._sums.sum(axis=2) - self._sums[..., left_out].sum(axis=2)).T
        count = self._width * (self._sums.shape[2] - len(left_out))
        mean = total / count
        deviation = np.sqrt(np.maximum(square / count - mean**2, 0.0))
        deviation[deviation == 0] = 1.0
        terms = zip(self._along, self._offsets, mean, deviation, strict=True)
        whitened = sum((along - offset * centre) / spread for along, offset, centre, spread in terms)
        return np.sort(np.delete(np.asarray(whitened), left_out, axis=0), axis=0)


def _distance(sides: list[_Projected], left_out: npt.NDArray[np.int64]) -> float:
    a, b = (side.without(left_out) for side in sides)
    return float(np.abs(a - b).mean()) if a.size else 0.0
