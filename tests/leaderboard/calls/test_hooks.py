"""Hooks of a method are used through options and strategies, and a stranger's attribute is not believed."""

import numpy as np
import pytest

import baselines
from baselines import MethodCard, WithOptions, with_strategy
from leaderboard.calls.hooks import gpu_peak_bytes, lend_inputs, model_seconds, synchronise


class Hooked:
    """Has every hook that a timed call uses."""

    card = MethodCard(name="hooked", version="1", summary="", source="tests", licence="none")
    model_seconds, gpu_peak_bytes = 0.25, (10, 20)

    def __init__(self):
        self.waited = 0
        self.lent = (np.zeros((4, 6, 3), np.uint8), np.zeros((4, 6), bool))

    def __call__(self, image, mask):
        return image

    def synchronise(self):
        self.waited += 1

    def inputs(self, _height, _width):
        return self.lent


WRAPPERS = {
    "bare": lambda method: method,
    "options": lambda method: WithOptions(method, {"cycles": 4}),
    "strategy": lambda method: with_strategy(method, "resize:512"),
    "both": lambda method: with_strategy(WithOptions(method, {"cycles": 4}), "resize:512"),
}


@pytest.mark.parametrize("wrap", WRAPPERS.values(), ids=WRAPPERS)
def test_gpu_memory_and_waiting_reach_through_every_wrapper(wrap):
    method = Hooked()
    wrapped = wrap(method)
    synchronise(wrapped)
    assert method.waited == 1
    assert gpu_peak_bytes(wrapped) == (10, 20)


@pytest.mark.parametrize("name", ["bare", "options"])
def test_inputs_and_clock_reach_through_options(name):
    method = Hooked()
    wrapped = WRAPPERS[name](method)
    image, mask = np.full((4, 6, 3), 7, np.uint8), np.eye(4, 6, dtype=bool)
    lent = lend_inputs(wrapped, image, mask)
    assert lent[0] is method.lent[0]
    assert np.array_equal(lent[0], image)
    assert np.array_equal(lent[1], mask)
    assert model_seconds(wrapped, 0.3) == 0.25


def test_a_method_without_hooks_is_called_as_it_is():
    method = baselines.load("mean")
    image, mask = np.zeros((4, 6, 3), np.uint8), np.eye(4, 6, dtype=bool)
    synchronise(method)
    assert lend_inputs(method, image, mask)[0] is image
    assert lend_inputs(method, image, mask, keep=True)[0] is not image
    assert model_seconds(method, 1.0) is None
    assert gpu_peak_bytes(method) == (None, None)


@pytest.mark.parametrize("impossible", [5.0, -1.0, "x", None])
def test_an_impossible_time_is_not_believed(impossible):
    method = Hooked()
    method.model_seconds = impossible
    assert model_seconds(method, 1.0) is None
