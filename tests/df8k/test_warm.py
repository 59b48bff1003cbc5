"""What installation compiles is what the first evaluation runs."""

import numpy as np
import pytest

from df8k import metrics, warm
from df8k.leaderboard.calls.compilation import compiled_so_far


@pytest.mark.parametrize("writeable", [True, False])
def test_after_warming_metrics_compile_nothing(monkeypatch, writeable):
    monkeypatch.setattr(warm, "warm_methods", lambda: None)
    assert warm.warm() > 0
    random = np.random.default_rng(1)
    target, filled = (random.integers(0, 256, (300, 280, 3), np.uint8) for _ in range(2))
    mask = random.random((300, 280)) < 0.3
    target.flags.writeable = writeable
    before = compiled_so_far()
    metrics.compute(filled, target, mask, names=["l1", "psnr", "ssim", "haarpsi"])
    assert compiled_so_far() == before
