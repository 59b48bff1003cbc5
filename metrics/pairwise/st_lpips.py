"""Shift-tolerant LPIPS with two backbones; `metrics.networks.shift_tolerant` computes it."""

from math import inf

from df8k.metrics.regions import PIXEL_REGIONS
from df8k.metrics.spec import MetricSpec


def _with(net: str, network: str) -> MetricSpec:
    return MetricSpec(
        name=f"st-lpips-{net}",
        variant=f"st-lpips-{net}-0.0",
        summary=f"shift-tolerant LPIPS with {network} at the picture's own size",
        source="Ghildyal and Liu, Shift-tolerant Perceptual Similarity Metric, 2022",
        kind="pairwise",
        higher_is_better=False,
        range=(0.0, inf),
        regions=PIXEL_REGIONS,
        weights=(f"st-lpips-{net}",),
        target=f"df8k.metrics.networks.shift_tolerant:st_lpips_{net}",
    )


METRICS = (_with("alex", "AlexNet"), _with("vgg", "VGG-16"))
