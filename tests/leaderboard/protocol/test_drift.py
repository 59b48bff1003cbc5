"""Change of the known pixels: the same number as the plain formula, to the last bit."""

import numpy as np
import pytest

from leaderboard.protocol.task import Task


@pytest.mark.parametrize("missing", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("shape", [(37, 53), (700, 900)])
def test_drift_is_the_mean_change_of_known_pixels(shape, missing):
    random = np.random.default_rng(0)
    target, output = (random.integers(0, 256, (*shape, 3), np.uint8) for _ in range(2))
    mask = random.random(shape) < missing
    task = Task(target, mask)
    change = np.abs(output.astype(int) - target)[~mask]
    assert task.known_drift(output) == (change.mean() if change.size else 0)
    assert task.known_drift(np.where(mask[..., None], output, target)) == 0
