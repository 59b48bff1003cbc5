"""Distribution metrics over a dataset: fed one image at a time, mergeable, saved and resumed."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from importlib import import_module
from typing import Any, Self

import numpy as np
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from _df8k.bounded import parse_json
from _df8k.extras import naming_extras

from ._registry import get
from .errors import MetricError, UnavailableError
from .estimate import Estimate, Rows, Samples
from .pair import DEFAULT_MEMORY, Image, Mask, Pair
from .spec import MetricSpec
from .weights import Store

_FORMAT = 1
Sampler = Callable[[Pair, str], dict[str, Rows]]


class Accumulator:
    """Features of the images seen so far, for one or several distribution metrics.

    Metrics that look at the same features share them. Nothing depends on the order of the images, on how
    they were spread over processes, or on interruptions: rows are sorted by key before anything is computed.
    """

    def __init__(self, specs: Iterable[MetricSpec], weights: Store, *, memory: int, device: str) -> None:
        self._specs = tuple(specs)
        self._weights, self._memory, self._device = weights, memory, device
        self._unavailable: dict[str, str] = {}
        self._samplers: dict[str, Sampler] = {}
        self._rows: dict[str, dict[str, dict[str, Rows]]] = {}
        for spec in self._specs:
            try:
                for name in spec.weights:
                    weights.require(name)
                with naming_extras(spec.name, UnavailableError):
                    sampler = _resolve(spec.features)
            except UnavailableError as error:
                self._unavailable[spec.name] = f"unavailable: {error}"
            else:
                self._samplers[spec.features] = sampler
                self._rows[spec.features] = {}
        self._keys: set[str] = set()

    @property
    def keys(self) -> frozenset[str]:
        """List the keys of the images that were added; a resumed run leaves these out."""
        return frozenset(self._keys)

    def update(self, prediction: Image, target: Image, mask: Mask, key: str) -> None:
        """Add an image.

        Args:
            prediction: uint8 RGB ``(H, W, 3)``.
            target: uint8 RGB ``(H, W, 3)``; sizes may differ from image to image.
            mask: bool ``(H, W)``, ``True`` = missing.
            key: the image's id; patches are drawn from it.

        Raises:
            MetricError: wrong arrays, or a key that was added before.
        """
        if key in self._keys:
            raise MetricError(f"the picture {key!r} was added before: leave out what .keys already holds")
        pair = Pair(prediction, target, mask, self._memory, self._device, self._weights)
        new = {features: sampler(pair, key) for features, sampler in self._samplers.items()}
        for features, rows in new.items():
            self._rows[features][key] = rows
        self._keys.add(key)

    def merge(self, other: Self) -> None:
        """Take over the images of another accumulator of the same metrics and weights.

        Raises:
            MetricError: it holds other metrics, other weights, or an image that this one holds too.
        """
        if self._identity() != other._identity():
            raise MetricError("the other state was made with other metrics, versions or weights")
        both = self._keys & other._keys
        if both:
            raise MetricError(f"both states hold {len(both)} pictures, such as {min(both)!r}")
        for features, rows in other._rows.items():
            self._rows[features].update(rows)
        self._keys |= other._keys

    def state(self) -> bytes:
        """Write everything that was added as a safetensors file: equal contents give equal bytes."""
        keys = sorted(self._keys)
        tensors: dict[str, Any] = {}
        lengths: dict[str, list[int]] = {}
        for features, by_key in self._rows.items():
            for name in by_key[keys[0]] if keys else ():
                rows = [by_key[key][name] for key in keys]
                tensors[f"{features}|{name}"] = np.concatenate(rows, axis=1)
                lengths[f"{features}|{name}"] = [row.shape[1] for row in rows]
        header = self._identity() | {"keys": keys, "lengths": lengths}
        saved: bytes = save_tensors(tensors, metadata={"df8k": json.dumps(header, sort_keys=True)})
        return saved

    def restore(self, state: bytes) -> None:
        """Take over the images of a saved state; see `merge`.

        Raises:
            MetricError: not a state, or one that cannot be merged into this accumulator.
        """
        try:
            header = _header(state)
            tensors = load_tensors(state)
        except Exception as error:  # the library raises what its parser meets
            raise MetricError(f"these {len(state)} bytes are not a saved state: {error}") from error
        keys, lengths = header.pop("keys", None), header.pop("lengths", None)
        other = type(self)(self._specs, self._weights, memory=self._memory, device=self._device)
        if header != other._identity():  # noqa: SLF001
            raise MetricError("the saved state was made with other metrics, versions or weights")
        _check_state(keys, lengths, tensors, set(other._rows))  # noqa: SLF001
        for features in other._rows:  # noqa: SLF001
            other._rows[features] = {key: {} for key in keys}  # noqa: SLF001
        for full_name, tensor in tensors.items():
            features, _, name = full_name.partition("|")
            ends = np.cumsum(lengths[full_name])
            for key, rows in zip(keys, np.split(tensor, ends[:-1], axis=1), strict=True):
                other._rows[features][key][name] = rows  # noqa: SLF001
        other._keys = set(keys)  # noqa: SLF001
        self.merge(other)

    def compute(self) -> dict[str, Estimate]:
        """Estimate every metric, with n, deviation and flags; see `Estimate`."""
        estimates: dict[str, Estimate] = {}
        for features in self._samplers if self._keys else ():
            samples = self._samples(features)  # one at a time: joined rows may be large
            for spec in self._specs:
                if spec.features == features and spec.name not in self._unavailable:
                    estimates[spec.name] = _estimate(spec, samples)
        for name, reason in self._unavailable.items():
            estimates[name] = Estimate(None, 0, reason=reason)
        empty = Estimate(None, 0, reason="no picture was added")
        return {spec.name: estimates.get(spec.name, empty) for spec in self._specs}

    def _samples(self, features: str) -> Samples:
        keys, by_key = sorted(self._keys), self._rows[features]
        joined = {
            name: np.concatenate([by_key[key][name] for key in keys], axis=1) for name in by_key[keys[0]]
        }
        without = sum(all(rows.shape[1] == 0 for rows in by_key[key].values()) for key in keys)
        predictions = {name: rows[0] for name, rows in joined.items()}
        owners = {
            name: np.repeat(np.arange(len(keys)), [by_key[key][name].shape[1] for key in keys])
            for name in joined
        }
        targets = {name: rows[1] for name, rows in joined.items()}
        return Samples(predictions, targets, len(keys), without, owners)

    def _identity(self) -> dict[str, Any]:
        used = sorted(
            {name for spec in self._specs if spec.name not in self._unavailable for name in spec.weights}
        )
        return {
            "format": _FORMAT,
            "metrics": sorted(spec.variant for spec in self._specs if spec.name not in self._unavailable),
            "weights": {name: self._weights.entry(name).sha256 for name in used},
        }


def _estimate(spec: MetricSpec, samples: Samples) -> Estimate:
    estimate: Estimate = _resolve(spec.target)(samples)
    if samples.without == 0:
        return estimate
    flag = f"{samples.without} of {samples.pictures} pictures gave no sample: no hole, or too small"
    return replace(estimate, flags=(*estimate.flags, flag))


def _resolve(target: str) -> Any:
    module, _, function = target.partition(":")
    return getattr(import_module(module), function)


def _header(state: bytes) -> dict[str, Any]:
    size = int.from_bytes(state[:8], "little")
    name, finding = f"these {len(state)} bytes", "are not a saved state"
    header: Any = parse_json(state[8 : 8 + size], name, MetricError, finding=finding)
    for key in ("__metadata__", "df8k"):
        header = header.get(key) if isinstance(header, dict) else None
    header = parse_json(header if isinstance(header, str) else "", name, MetricError, finding=finding)
    if not isinstance(header, dict):
        raise MetricError(f"{name} {finding}: their header is no object")
    return header


def _check_state(keys: Any, lengths: Any, tensors: Mapping[str, Any], features: set[str]) -> None:
    """Check that a saved state holds rows of each of its pictures, and of nothing else."""
    fault = "the saved state is damaged: "
    if (
        not isinstance(keys, list)
        or not all(isinstance(key, str) for key in keys)
        or keys != sorted(set(keys))
    ):
        raise MetricError(f"{fault}its pictures are no sorted list of names")
    if not isinstance(lengths, dict) or lengths.keys() != tensors.keys():
        raise MetricError(f"{fault}it does not say how many rows each picture has")
    if keys and {name.partition("|")[0] for name in tensors} != features:
        raise MetricError(f"{fault}it holds other features than its metrics look at")
    for name, tensor in tensors.items():
        rows = lengths[name]
        counted = isinstance(rows, list) and all(type(count) is int and count >= 0 for count in rows)
        if not counted or len(rows) != len(keys) or tensor.ndim < 2 or tensor.shape[:2] != (2, sum(rows)):
            raise MetricError(f"{fault}{name} has the shape {tensor.shape}, its rows are counted otherwise")
        if tensor.dtype.kind == "f" and not np.isfinite(tensor).all():
            raise MetricError(f"{fault}{name} holds values that are not finite")


def accumulate(
    names: str | Iterable[str],
    *,
    weights: Store | None = None,
    fetch_weights: bool = False,
    memory: int = DEFAULT_MEMORY,
    device: str = "cpu",
) -> Accumulator:
    """Start distribution metrics over a dataset.

    Args:
        names: one or several, as `metrics.list_metrics` lists them.
        weights: where learned weights come from; by default the user's store.
        fetch_weights: let the default store fetch absent weights; otherwise metrics that lack theirs answer
            with a reason instead of a value.
        memory: bytes that one image may take beyond its own arrays.
        device: torch device of the networks.

    Raises:
        MetricError: an unknown name, or the name of a pairwise metric.

    Example:
        >>> import numpy as np
        >>> image, mask = np.zeros((64, 64, 3), np.uint8), np.ones((64, 64), bool)
        >>> swd = accumulate("swd")
        >>> swd.update(image, image, mask, key="a")
        >>> swd.compute()["swd"].value
        0.0
    """
    specs = [get(name) for name in ([names] if isinstance(names, str) else names)]
    for spec in specs:
        if spec.kind != "distribution":
            raise MetricError(f"{spec.name!r} compares one pair of pictures: use metrics.compute")
    return Accumulator(specs, weights or Store(fetch=fetch_weights), memory=memory, device=device)
