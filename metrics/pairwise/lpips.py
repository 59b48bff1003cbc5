"""LPIPS with three backbones; `metrics.networks.lpips` computes it."""

from math import inf

from df8k.metrics.regions import PIXEL_REGIONS
from df8k.metrics.spec import MetricSpec


def _with(net: str, network: str, weights: str) -> MetricSpec:
    return MetricSpec(
        name=f"lpips-{net}",
        variant=f"lpips-{net}-0.1",
        summary=f"LPIPS 0.1 with {network} at the picture's own size",
        source=("Zhang et al., The Unreasonable Effectiveness of Deep Features as a Perceptual Metric, 2018"),
        kind="pairwise",
        higher_is_better=False,
        range=(0.0, inf),
        regions=PIXEL_REGIONS,
        weights=(weights,),
        target=f"df8k.metrics.networks.lpips:lpips_{net}",
    )


METRICS = (
    _with("alex", "AlexNet", "alexnet"),
    _with("vgg", "VGG-16", "vgg16"),
    _with("squeeze", "SqueezeNet 1.1", "squeezenet1_1"),
)
