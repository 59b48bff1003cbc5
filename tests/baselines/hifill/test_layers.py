"""Padding, enlarging and gates against their definitions."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines import MethodError
from baselines.hifill.network.layers import GatedConv2d, SameConv2d, enlarge, same_padding


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "expected"),
    [(256, 3, 2, (0, 1)), (256, 5, 2, (1, 2)), (255, 3, 2, (1, 1)), (64, 3, 1, (1, 1)), (256, 16, 8, (4, 4))],
)
def test_same_padding(size, kernel, stride, expected):
    assert same_padding(size, kernel, stride) == expected


@given(st.integers(1, 40), st.integers(1, 7), st.integers(1, 4), st.integers(1, 3))
def test_same_padding_gives_the_rounded_up_size(size, kernel, stride, dilation):
    before, after = same_padding(size, kernel, stride, dilation)
    assert 0 <= before <= after <= before + 1
    reach = (kernel - 1) * dilation + 1
    assert (size + before + after - reach) // stride + 1 >= -(-size // stride)


def test_stride_two_reads_from_the_first_pixel():
    conv = SameConv2d(1, 1, 3, 2, bias=False)
    torch.nn.init.zeros_(conv.weight)
    conv.weight.data[0, 0, 0, 0] = 1
    x = torch.arange(36.0).reshape(1, 1, 6, 6)
    assert torch.equal(conv(x), x[..., ::2, ::2])


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 6))
def test_enlarge_is_tensorflows_first_rule(height, width, factor):
    x = np.random.default_rng(height * 10 + width).standard_normal((height, width))
    ours = enlarge(torch.from_numpy(x)[None, None], factor)[0, 0].numpy()
    rows, columns = np.arange(height * factor) / factor, np.arange(width * factor) / factor
    along = np.stack([np.interp(columns, np.arange(width), row) for row in x])
    expected = np.stack([np.interp(rows, np.arange(height), column) for column in along.T], axis=1)
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-12)


def test_single_channel_gate_is_shared():
    layer = GatedConv2d(3, 5, gate="sc")
    x = torch.randn(1, 3, 8, 8)
    gate = torch.sigmoid(layer.gate(x))
    assert gate.shape == (1, 1, 8, 8)
    torch.testing.assert_close(layer(x), F.elu(layer.feature(x)) * gate)


def test_depthwise_gate_sees_one_channel_at_a_time():
    depthwise, pointwise = GatedConv2d(3, 5, stride=2, gate="ds").gate
    assert depthwise.weight.shape == (3, 1, 3, 3)
    assert depthwise.bias is None
    assert pointwise.weight.shape == (5, 3, 1, 1)


def test_unknown_gate_is_refused():
    with pytest.raises(MethodError, match="unknown gate 'half': expected one of none, sc, pw, ds, full"):
        GatedConv2d(3, 3, gate="half")
