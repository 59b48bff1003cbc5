"""Committed values of the reference implementations: a digit that moves needs a new variant name."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import metrics

from .make_golden import PATH, golden_pair, reference_values

GOLDEN = json.loads(PATH.read_text(encoding="utf-8"))
CHANGELOG = Path(__file__).resolve().parents[2] / "CHANGELOG.md"
COMMAND = "python -P tests/metrics/make_golden.py"
# pytorch-msssim holds its window in single precision.
TOLERANCE = {"ms-ssim.full": 1e-6}

VARIANTS = [
    "l1-rgb-v1",
    "mse-rgb-v1",
    "psnr-rgb-pooled-v1",
    "ssim-g11s1.5-rgb-valid-v1",
    "ms-ssim-g11s1.5-rgb-valid-pooled-v1",
    "gmsd-luma-half-v1",
    "haarpsi-yiq-half-v1",
    "energy-grey-v1",
    "seam-rgb-v1",
    "known-drift-rgb-v1",
    "lpips-alex-0.1",
    "lpips-vgg-0.1",
    "lpips-squeeze-0.1",
    "st-lpips-alex-0.0",
    "st-lpips-vgg-0.0",
    "dists-native-v1",
    "fid-clean-v1",
    "fid-pytorch-v1",
    "kid-clean-100x1000-v1",
    "patch-fid-299-8-v1",
    "patch-kid-299-8-v1",
    "is-clean-10-v1",
    "pids-clean-svm-v1",
    "uids-clean-svm-v1",
    "swd-laplace-4x32-7-v1",
    "surroundings-rgb-v1",
]


@pytest.mark.parametrize("key", GOLDEN)
def test_our_value_is_the_committed_one(key):
    prediction, target = golden_pair()
    name = key.partition(".")[0]
    scores = metrics.compute(prediction, target, np.ones(target.shape[:2], bool), names=[name])
    assert scores[key] == pytest.approx(GOLDEN[key]["value"], rel=TOLERANCE.get(key, 1e-9)), COMMAND


def test_the_references_still_give_the_committed_values():
    for key, (value, origin) in reference_values().items():
        assert float(value) == pytest.approx(GOLDEN[key]["value"], rel=1e-9), f"{origin}: {COMMAND}"


def test_variants_are_names_for_ever():
    """A released name keeps its meaning: a change of value is a new variant; a release lists every one."""
    variants = [spec.variant for spec in metrics.list_metrics()]
    assert len(set(variants)) == len(variants)
    unreleased = re.search(r"^## .*\(unreleased\)", CHANGELOG.read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name in variants if name in VARIANTS or not unreleased] == VARIANTS
