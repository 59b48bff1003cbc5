"""Optimisers on small networks: which parameter goes where, what a step does, going on from a state."""

import copy

import pytest
import torch
from torch import nn

from baselines.training import Update
from baselines.training.optimiser import Optimiser


def _network(seed=0, layout=torch.contiguous_format):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = nn.Sequential(nn.Conv2d(3, 16, 3), nn.Conv2d(16, 32, 3), nn.Conv2d(32, 3, 3))
    return layers.to(memory_format=layout)


def _slope(network):
    """Give every parameter the same gradient on every call."""
    noise = torch.Generator().manual_seed(1)
    for parameter in network.parameters():
        parameter.grad = torch.randn(parameter.shape, generator=noise)


def _step(network, optimiser, rate=0.01):
    _slope(network)
    optimiser.step(rate)


def test_without_muon_all_is_adamw_with_the_rate_of_the_update():
    ours, theirs = _network(), _network()
    update = Update(("network",), rate=0.5, betas=(0.8, 0.9), weight_decay=0.1)
    groups = [
        {"params": [p for p in theirs.parameters() if p.ndim > 1], "weight_decay": 0.1},
        {"params": [p for p in theirs.parameters() if p.ndim == 1], "weight_decay": 0.0},
    ]
    peer = torch.optim.AdamW(groups, 0.005, (0.8, 0.9))
    optimiser = Optimiser(ours.parameters(), update)
    for _ in range(3):
        _step(ours, optimiser)
        _slope(theirs)
        peer.step()
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_muon_moves_inner_kernels_along_a_nearly_orthogonal_matrix(layout):
    network = _network(layout=layout)
    before, plain = copy.deepcopy(network), copy.deepcopy(network)
    _step(network, Optimiser(network.parameters(), Update(("network",)), muon=True))
    _step(plain, Optimiser(plain.parameters(), Update(("network",))))
    for name, moved in network.named_parameters():
        change = (moved - before.get_parameter(name)).detach()
        if name == "1.weight":
            scale = 0.01 * 0.2 * (16 * 9) ** 0.5
            strengths = torch.linalg.svdvals(change.permute(0, 2, 3, 1).flatten(1) / scale)
            # Jordan et al.: five steps bring every singular value near 1, between 0.7 and 1.2.
            assert 0.6 < strengths.min() <= strengths.max() < 1.3
            # Like Adam's first step, of the size of the rate, though not of the same direction everywhere.
            assert 0.1 * 0.01 < change.square().mean().sqrt() < 0.01
        else:
            assert torch.equal(moved, plain.get_parameter(name)), name


def test_both_layouts_take_the_same_step():
    networks = [_network(layout=layout) for layout in (torch.contiguous_format, torch.channels_last)]
    for network in networks:
        optimiser = Optimiser(network.parameters(), Update(("network",)), muon=True)
        for _ in range(2):
            _step(network, optimiser)
    first, second = (network[1].weight for network in networks)
    # Products in bfloat16 of matrices whose columns lie in another order.
    torch.testing.assert_close(first, second, rtol=0, atol=2e-3)


def test_what_is_frozen_stays():
    network = _network()
    before = copy.deepcopy(network)
    optimiser = Optimiser(network.parameters(), Update(("network",), weight_decay=0.1), muon=True)
    optimiser.zero_grad()
    optimiser.step(0.1)
    for name, parameter in network.named_parameters():
        assert torch.equal(parameter, before.get_parameter(name))


def test_a_state_goes_on_bit_for_bit():
    whole, halves = _network(), _network()
    optimiser = Optimiser(whole.parameters(), Update(("network",)), muon=True)
    for _ in range(4):
        _step(whole, optimiser)
    first, second = (Optimiser(halves.parameters(), Update(("network",)), muon=True) for _ in range(2))
    for _ in range(2):
        _step(halves, first)
    second.load_state_dict(first.state_dict())
    for _ in range(2):
        _step(halves, second)
    for a, b in zip(whole.parameters(), halves.parameters(), strict=True):
        assert torch.equal(a, b)
