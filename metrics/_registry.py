"""Name → metric. A new metric is one file and one entry in ``_SPECS``."""

import difflib
from math import inf

from .errors import UnknownMetricError
from .spec import MetricSpec

_PIXEL = ("full", "hole", "band")
_BLOCK = ("full", "hole", "hole-wide")
_WINDOW = ("full", "hole", "hole-wide", "band")

_LPIPS = "Zhang et al., The Unreasonable Effectiveness of Deep Features as a Perceptual Metric, 2018"
_ST_LPIPS = "Ghildyal and Liu, Shift-tolerant Perceptual Similarity Metric, 2022"
_FID = "Heusel et al., GANs Trained by a Two Time-Scale Update Rule, 2017"
_KID = "Bińkowski et al., Demystifying MMD GANs, 2018"
_IDS = "Zhao et al., Large Scale Image Completion via Co-Modulated Generative Adversarial Networks, 2021"


def _lpips(name: str, network: str, weights: str, *, shift_tolerant: bool = False) -> MetricSpec:
    """Register a distance of learned features over the regions of LPIPS."""
    version, kind = ("0.0", "shift-tolerant LPIPS") if shift_tolerant else ("0.1", "LPIPS 0.1")
    module = "shift_tolerant" if shift_tolerant else "perceptual"
    return MetricSpec(
        name=name,
        variant=f"{name}-{version}",
        summary=f"{kind} with {network} at the picture's own size",
        source=_ST_LPIPS if shift_tolerant else _LPIPS,
        kind="pairwise",
        higher_is_better=False,
        range=(0.0, inf),
        regions=_PIXEL,
        weights=(weights,),
        target=f"metrics.{module}:{name.replace('-', '_')}",
    )


_SPECS = (
    MetricSpec(
        name="l1",
        variant="l1-rgb-v1",
        summary="mean absolute error of 8-bit RGB, divided by 255",
        source="definition; the scale of the tables in the RETHINED paper",
        kind="pairwise",
        higher_is_better=False,
        range=(0.0, 1.0),
        regions=_PIXEL,
        target="metrics.pixel:l1",
    ),
    MetricSpec(
        name="mse",
        variant="mse-rgb-v1",
        summary="mean squared error of 8-bit RGB, divided by 255²",
        source="definition",
        kind="pairwise",
        higher_is_better=False,
        range=(0.0, 1.0),
        regions=_PIXEL,
        target="metrics.pixel:mse",
    ),
    MetricSpec(
        name="psnr",
        variant="psnr-rgb-pooled-v1",
        summary="peak signal-to-noise ratio of the squared error pooled over the region",
        source="definition, peak 255",
        kind="pairwise",
        higher_is_better=True,
        range=(0.0, 150.0),
        unit="dB",
        regions=_PIXEL,
        target="metrics.pixel:psnr",
    ),
    MetricSpec(
        name="ssim",
        variant="ssim-g11s1.5-rgb-valid-v1",
        summary="structural similarity, Gaussian window 11 and sigma 1.5, RGB, windows inside the picture",
        source="Wang et al., Image Quality Assessment: From Error Visibility to Structural Similarity, 2004",
        kind="pairwise",
        higher_is_better=True,
        range=(-1.0, 1.0),
        regions=_WINDOW,
        target="metrics.ssim:ssim",
    ),
    MetricSpec(
        name="ms-ssim",
        variant="ms-ssim-g11s1.5-rgb-valid-pooled-v1",
        summary="SSIM over five scales, 2 x 2 means between them, channels pooled at every scale",
        source="Wang et al., Multi-Scale Structural Similarity for Image Quality Assessment, 2003",
        kind="pairwise",
        higher_is_better=True,
        range=(0.0, 1.0),
        regions=_BLOCK,
        target="metrics.ms_ssim:ms_ssim",
    ),
    MetricSpec(
        name="gmsd",
        variant="gmsd-luma-half-v1",
        summary="deviation of the similarity of gradient magnitudes, luma at half size",
        source="Xue et al., Gradient Magnitude Similarity Deviation, 2014",
        kind="pairwise",
        higher_is_better=False,
        range=(0.0, 1.0),
        regions=_BLOCK,
        target="metrics.gmsd:gmsd",
    ),
    MetricSpec(
        name="haarpsi",
        variant="haarpsi-yiq-half-v1",
        summary="similarity of Haar wavelet coefficients, YIQ at half size",
        source="Reisenhofer et al., A Haar Wavelet-Based Perceptual Similarity Index, 2018",
        kind="pairwise",
        higher_is_better=True,
        range=(0.0, 1.0),
        regions=_BLOCK,
        target="metrics.haarpsi:haarpsi",
    ),
    MetricSpec(
        name="seam",
        variant="seam-rgb-v1",
        summary="gradient break across the rim of the hole, less the original's and over the original's",
        source="this suite, docs/metrics.md",
        kind="pairwise",
        higher_is_better=None,
        range=(-2.0, inf),
        regions=("excess", "ratio"),
        target="metrics.seam:seam",
    ),
    MetricSpec(
        name="known-drift",
        variant="known-drift-rgb-v1",
        summary="change of the known pixels: mean, share and largest; for outputs before compositing",
        source="this suite, docs/metrics.md",
        kind="pairwise",
        higher_is_better=False,
        range=(0.0, 1.0),
        regions=("known", "changed", "largest"),
        target="metrics.known_drift:known_drift",
    ),
    _lpips("lpips-alex", "AlexNet", "alexnet"),
    _lpips("lpips-vgg", "VGG-16", "vgg16"),
    _lpips("lpips-squeeze", "SqueezeNet 1.1", "squeezenet1_1"),
    _lpips("st-lpips-alex", "AlexNet", "st-lpips-alex", shift_tolerant=True),
    _lpips("st-lpips-vgg", "VGG-16", "st-lpips-vgg", shift_tolerant=True),
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
        target="metrics.dists:dists",
    ),
    MetricSpec(
        name="fid-clean",
        variant="fid-clean-v1",
        summary="Fréchet distance, pictures resized as clean-fid does",
        source=_FID,
        kind="distribution",
        higher_is_better=False,
        range=(0.0, inf),
        weights=("inception",),
        target="metrics.frechet:fid",
        features="metrics.inception_features:clean",
    ),
    MetricSpec(
        name="fid-pytorch",
        variant="fid-pytorch-v1",
        summary="Fréchet distance, pictures resized as pytorch-fid does (not antialiased)",
        source=_FID,
        kind="distribution",
        higher_is_better=False,
        range=(0.0, inf),
        weights=("inception",),
        target="metrics.frechet:fid",
        features="metrics.inception_features:pytorch",
    ),
    MetricSpec(
        name="kid-clean",
        variant="kid-clean-100x1000-v1",
        summary="kernel distance with deviation, pictures resized as clean-fid does",
        source=_KID,
        kind="distribution",
        higher_is_better=False,
        range=(-inf, inf),
        weights=("inception",),
        target="metrics.kernel_distance:kid",
        features="metrics.inception_features:clean",
    ),
    MetricSpec(
        name="patch-fid",
        variant="patch-fid-299-8-v1",
        summary="Fréchet distance of 8 native patches around the hole of every picture",
        source=_FID,
        kind="distribution",
        higher_is_better=False,
        range=(0.0, inf),
        weights=("inception",),
        target="metrics.frechet:fid",
        features="metrics.inception_features:patches",
    ),
    MetricSpec(
        name="patch-kid",
        variant="patch-kid-299-8-v1",
        summary="kernel distance of 8 native patches around the hole of every picture",
        source=_KID,
        kind="distribution",
        higher_is_better=False,
        range=(-inf, inf),
        weights=("inception",),
        target="metrics.kernel_distance:kid",
        features="metrics.inception_features:patches",
    ),
    MetricSpec(
        name="is",
        variant="is-clean-10-v1",
        summary="Inception score of the predictions, ten splits; uninformative, for old tables",
        source="Salimans et al., Improved Techniques for Training GANs, 2016",
        kind="distribution",
        higher_is_better=True,
        range=(1.0, 1008.0),
        weights=("inception",),
        target="metrics.inception_score:score",
        features="metrics.inception_features:clean",
    ),
    MetricSpec(
        name="pids",
        variant="pids-clean-svm-v1",
        summary="share of predictions that a linear machine takes for more real than their originals",
        source=_IDS,
        kind="distribution",
        higher_is_better=True,
        range=(0.0, 1.0),
        weights=("inception",),
        target="metrics.separability:pids",
        features="metrics.inception_features:clean",
    ),
    MetricSpec(
        name="uids",
        variant="uids-clean-svm-v1",
        summary="share of pictures that a linear machine puts on the wrong side",
        source=_IDS,
        kind="distribution",
        higher_is_better=True,
        range=(0.0, 1.0),
        weights=("inception",),
        target="metrics.separability:uids",
        features="metrics.inception_features:clean",
    ),
    MetricSpec(
        name="swd",
        variant="swd-laplace-4x32-7-v1",
        summary="sliced Wasserstein distance of Laplacian-pyramid patches around the hole, x 1000",
        source="Karras et al., Progressive Growing of GANs, 2018",
        kind="distribution",
        higher_is_better=False,
        range=(0.0, inf),
        target="metrics.sliced:swd",
        features="metrics.pyramid_patches:laplacian_patches",
    ),
)

BY_NAME = {spec.name: spec for spec in _SPECS}
if len(BY_NAME) != len(_SPECS):
    raise RuntimeError("two metrics are registered under one name")


def get(name: str) -> MetricSpec:
    """Look a metric up.

    Args:
        name: registered name, or the full name of its variant.

    Raises:
        UnknownMetricError: no such metric; the message offers the nearest names.
    """
    for spec in _SPECS:
        if name in {spec.name, spec.variant}:
            return spec
    near = difflib.get_close_matches(name, BY_NAME, n=3)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise UnknownMetricError(f"no metric is called {name!r}: {hint}known: {', '.join(BY_NAME)}")


def list_metrics() -> tuple[MetricSpec, ...]:
    """Every registered metric, pairwise ones first; imports neither torch nor a weight file."""
    return _SPECS
