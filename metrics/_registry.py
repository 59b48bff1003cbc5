"""Name → metric. A new metric is one file and one line in ``_MODULES``."""

from functools import cache
from importlib import import_module

from _df8k.hints import unknown_name

from .errors import UnknownMetricError
from .spec import MetricSpec

# Metric → the module of this package whose METRICS hold it, in the order of every list.
_MODULES = {
    "l1": "pairwise.pixel",
    "mse": "pairwise.pixel",
    "psnr": "pairwise.pixel",
    "ssim": "pairwise.ssim",
    "ms-ssim": "pairwise.ms_ssim",
    "gmsd": "pairwise.gmsd",
    "haarpsi": "pairwise.haarpsi",
    "energy": "pairwise.energy",
    "seam": "pairwise.seam",
    "known-drift": "pairwise.known_drift",
    "lpips-alex": "pairwise.lpips",
    "lpips-vgg": "pairwise.lpips",
    "lpips-squeeze": "pairwise.lpips",
    "st-lpips-alex": "pairwise.st_lpips",
    "st-lpips-vgg": "pairwise.st_lpips",
    "dists": "pairwise.dists",
    "fid-clean": "distributions.frechet",
    "fid-pytorch": "distributions.frechet",
    "kid-clean": "distributions.kernel_distance",
    "patch-fid": "distributions.frechet",
    "patch-kid": "distributions.kernel_distance",
    "is": "distributions.inception_score",
    "pids": "distributions.separability",
    "uids": "distributions.separability",
    "swd": "distributions.sliced",
    "surroundings": "no_reference.surroundings",
}


@cache
def _spec(name: str) -> MetricSpec:
    module = import_module(f"df8k.metrics.{_MODULES[name]}")
    specs: dict[str, MetricSpec] = {spec.name: spec for spec in module.METRICS}
    if name not in specs:
        raise RuntimeError(f"{module.__file__} defines no metric called {name!r}: it has {', '.join(specs)}")
    return specs[name]


def get(name: str) -> MetricSpec:
    """Look a metric up.

    Args:
        name: registered name, or the full name of its variant.

    Raises:
        UnknownMetricError: no such metric; the message offers the nearest names.
    """
    if name in _MODULES:
        return _spec(name)
    for spec in list_metrics():
        if name == spec.variant:
            return spec
    raise UnknownMetricError(unknown_name("metric", name, _MODULES))


def list_metrics() -> tuple[MetricSpec, ...]:
    """List every registered metric, pairwise ones first; imports neither torch nor a weight file."""
    return tuple(_spec(name) for name in _MODULES)
