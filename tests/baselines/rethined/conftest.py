"""Pictures, holes and networks that the tests of RETHINED share."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from skimage import data

from baselines.rethined import build


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """Backend measurements and graphs stay out of the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="session")
def photo():
    return np.ascontiguousarray(data.astronaut())


def blobs(shape, share, *, seed=0, sigma=20):
    """A hole of the wanted share with smooth outlines."""
    field = gaussian_filter(np.random.default_rng(seed).normal(size=shape), sigma, mode="wrap")
    return field > np.quantile(field, 1 - share)


def lively(name="rethined", seed=1):
    """A network none of whose parts is at its neutral start: BN statistics, head, matching, coherence."""
    network = build(name, seed=seed)
    generator = torch.Generator().manual_seed(seed)

    def draw(tensor, low, high):
        tensor.copy_(low + (high - low) * torch.rand(tensor.shape, generator=generator))

    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                draw(module.running_mean, -0.1, 0.1)
                draw(module.running_var, 0.8, 1.25)
                draw(module.bias, -0.1, 0.1)
        for scale in network.coarse.scales:
            draw(scale.head.weight, -2e-3, 2e-3)
        draw(network.coherence.project.weight, -2e-2, 2e-2)
        draw(network.match.mix.conv.weight, -0.1, 0.1)
        for convolution in (network.match.query, network.match.key):
            draw(convolution.weight[:, 192:], -2e-2, 2e-2)
    return network
