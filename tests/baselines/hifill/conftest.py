"""Weights and inputs from which the golden values were computed.

``golden.npz`` holds outputs of the authors' TensorFlow graph (duxingren14/Hifill-tensorflow on GitHub
at a48a663, run with TensorFlow 2.15.1 on a CPU) for random weights; both are made again here.
``graph_pipeline.npz`` holds every ninth pixel and one crop of that repository's whole inference pipeline at
scale 2, run in the same way on a picture of 900 x 1300.
"""

import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch

from baselines.hifill import Discriminator, Generator
from baselines.hifill.checkpoints.convert import to_torch
from baselines.hifill.checkpoints.names import DISCRIMINATOR, GENERATOR
from baselines.hifill.inference.runner import GeneratorRunner

HERE = Path(__file__).parent


def golden_array(name, shape, scale):
    random = np.random.RandomState(zlib.crc32(name.encode()))
    values = random.standard_normal(shape)
    spread = scale / np.sqrt(np.prod(shape[:-1])) if len(shape) > 1 else 0.1
    return (values * spread).astype(np.float32)


@pytest.fixture(scope="session")
def official_tensors() -> Mapping[str, np.ndarray]:
    """Random tensors of both networks under their official names, in TensorFlow's layout."""
    generator = {s.tensorflow: golden_array(s.tensorflow, s.shape, 1.5) for s in GENERATOR.values()}
    critic = {s.tensorflow: golden_array(s.tensorflow, s.shape, 1.4) for s in DISCRIMINATOR.values()}
    return generator | critic


@pytest.fixture(scope="session")
def generator(official_tensors) -> Generator:
    network = Generator()
    network.load_state_dict({k: to_torch(official_tensors[s.tensorflow]) for k, s in GENERATOR.items()})
    return network.eval()


@pytest.fixture(scope="session")
def discriminator(official_tensors) -> Discriminator:
    network = Discriminator()
    network.load_state_dict({k: to_torch(official_tensors[s.tensorflow]) for k, s in DISCRIMINATOR.items()})
    return network.eval()


@pytest.fixture(scope="session")
def network(official_tensors) -> GeneratorRunner:
    copy = Generator()
    copy.load_state_dict({k: to_torch(official_tensors[s.tensorflow]) for k, s in GENERATOR.items()})
    return GeneratorRunner(copy, "cpu")


@pytest.fixture(scope="session")
def golden():
    with np.load(HERE / "golden.npz") as arrays:
        return dict(arrays)


@pytest.fixture(scope="session")
def golden_mask():
    mask = torch.zeros(1, 1, 512, 512)
    mask[..., 150:290, 200:371] = 1
    mask[..., 400:412, 20:200] = 1
    return mask


@pytest.fixture
def picture():
    """Factory of smooth pictures with some grain: uint8 ``(H, W, 3)``, different in every part."""

    def make(height, width, seed=0):
        y, x = np.mgrid[0:height, 0:width]
        y, x = y / height, x / width
        waves = np.stack([np.sin(9 * x + 3 * y), np.cos(13 * y - 5 * x * y), np.sin(40 * x * y)], axis=-1)
        grain = np.random.default_rng(seed).uniform(-40, 40, (height, width, 1))
        return (waves * 80 + 127 + grain).clip(0, 255).astype(np.uint8)

    return make
