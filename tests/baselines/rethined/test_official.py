"""The released formulation against numbers of the authors' module."""

import numpy as np
import pytest
import torch
from torch import nn

import baselines
from baselines.rethined import official
from tests.baselines.rethined import released

TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def network():
    """Everything of `OfficialNetwork` but its encoder, with the fixture's weights."""
    network = official.OfficialNetwork.__new__(official.OfficialNetwork)
    nn.Module.__init__(network)
    width = 192 + released.FEATURES
    network.query = nn.Linear(width, 576, bias=False)
    network.key = nn.Linear(width, 576, bias=False)
    network.value = nn.Linear(192, 192, bias=False)
    network.project = nn.Linear(192, 192, bias=False)
    network.coherence = nn.Conv2d(192, 192, 3, padding=1, padding_mode="reflect")
    return _weighed(network)


def _weighed(network):
    theirs = {ours: name for name, ours in released.NAMES.items()}
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name in theirs:
                parameter.copy_(released.weight(theirs[name], parameter))
    return network.eval()


@pytest.fixture(scope="module")
def found(network):
    image, mask = released.picture(released.SIDE), released.hole()
    with torch.inference_mode():
        refined = network.refine(image * (1 - mask), mask, released.coarse(), released.features())
        upscaled = official.upscale(released.picture(released.SIDE * released.SCALE), *refined)
        decoder = _weighed(official.OfficialNetwork(released.WIDTHS))
        decoded = decoder.decode(released.maps())
    results = {"output": refined[0], "attention": refined[1], "upscaled": upscaled, "decoded": decoded}
    return released.sampled(results)


@pytest.mark.parametrize(
    "name",
    ["output", "block", "output_mean", "attention_most", "attention_part", "upscaled", "decoded"],
)
def test_numbers_are_the_released_modules(found, name):
    expected = np.load(released.NUMBERS)[name]
    assert expected.std() > 0
    assert found[name].shape == expected.shape
    assert np.abs(found[name] - expected).max() < TOLERANCE


def test_the_fixture_tells_the_peculiarities_apart(network):
    """A soft attention, and hole patches that differ from known ones: an error in either would show."""
    expected = np.load(released.NUMBERS)
    known = 1 - released.hole()[..., ::8, ::8].flatten().numpy()
    assert np.all(expected["attention_most"][known == 1] == 1)
    assert 0.05 < expected["attention_most"][known == 0].mean() < 0.95


def test_views_cut_the_same_patches_out():
    image = released.picture(256)
    assert torch.equal(official.unfold(image, 16), official.unfold_views(image, 16))
    assert baselines.load("rethined-official", views=True).card.settings["views"]
