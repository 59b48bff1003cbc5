"""DISTS; `metrics.networks.dists` computes it."""

from df8k.metrics.spec import MetricSpec

METRICS = (
    MetricSpec(
        name="dists",
        variant="dists-native-v1",
        summary="DISTS with VGG-16 at the picture's own size",
        source="Ding et al., Image Quality Assessment: Unifying Structure and Texture Similarity, 2020",
        kind="pairwise",
        higher_is_better=False,
        range=(0.0, 1.0),
        regions=("full",),
        weights=("vgg16", "dists"),
        target="df8k.metrics.networks.dists:dists",
    ),
)
