"""Optional hooks of a method: every wrapper hands every one of them on, or says why not."""

import textwrap
import warnings

import numpy as np
import pytest
import torch

import baselines
from baselines import MethodCard, WithOptions, open_method, with_strategy
from baselines.base import (
    Clocked,
    Closable,
    Confirms,
    CountsGpuMemory,
    CountsMemory,
    Declares,
    Reseeds,
    SharesInputs,
    Synchronised,
    Wrapper,
    unwrap,
)
from baselines.strategy.apply import WithStrategy

HOOKS = (Clocked, Synchronised, Confirms, SharesInputs, CountsGpuMemory, CountsMemory, Closable, Declares)
STRATEGIES = ("resize:32", "crop:32", "tile:32:8")


class Bare:
    """A method without a hook."""

    card = MethodCard(name="bare", version="1", summary="s", source="t", licence="none")

    def __call__(self, image, mask):
        return np.where(mask[..., None], np.uint8(9), image)


class Only64:
    size = (64, 64)


class Full(Bare):
    """A method with every hook."""

    declaration = Only64()
    gpu_peak_bytes = (7, 8)
    peak_bytes = 6

    def __init__(self):
        self.model_seconds = None
        self.waited = self.closed = self.confirmed = 0
        self.shared = np.zeros((64, 64, 3), np.uint8), np.zeros((64, 64), bool)

    def __call__(self, image, mask):
        self.model_seconds = 0.25
        return super().__call__(image, mask)

    def synchronise(self):
        self.waited += 1

    def inputs(self, height, width):
        assert (height, width) == (64, 64)
        return self.shared

    def close(self):
        self.closed += 1

    def confirm(self):
        self.confirmed += 1


def wrappers(method):
    """Every way in which a method can be wrapped."""
    yield WithOptions(method, {"option": 1})
    for text in STRATEGIES:
        yield with_strategy(method, text)
        yield with_strategy(WithOptions(method, {"option": 1}), text)


def test_every_hook_is_known_here():
    """A new hook in `baselines.base` needs its place in the wrappers and in this test."""
    protocols = {
        value
        for value in vars(baselines.base).values()
        if getattr(value, "_is_protocol", False) and getattr(value, "_is_runtime_protocol", False)
    }
    # `baselines.seeding` looks under the wrappers for one that can be seeded.
    assert protocols == {baselines.Inpainter, Reseeds, *HOOKS}


def test_a_method_has_the_hooks_that_it_defines():
    assert not any(isinstance(Bare(), hook) for hook in HOOKS)
    assert all(isinstance(Full(), hook) for hook in HOOKS)


@pytest.mark.parametrize("kind", [WithOptions, WithStrategy])
def test_wrappers_have_every_hook(kind):
    layers = [layer for layer in wrappers(Bare()) if isinstance(layer, kind)]
    assert layers
    for layer in layers:
        assert isinstance(layer, Wrapper)
        assert isinstance(layer, baselines.Inpainter)
        assert all(isinstance(layer, hook) for hook in HOOKS)


def test_wrappers_hand_hooks_on():
    image, mask = np.zeros((64, 64, 3), np.uint8), np.zeros((64, 64), bool)
    mask[20:30, 20:30] = mask[50:60, 50:60] = True
    for number, layer in enumerate(wrappers(method := Full()), 1):
        assert unwrap(layer) is method
        assert (layer.gpu_peak_bytes, layer.peak_bytes) == ((7, 8), 6)
        layer.synchronise()
        layer.close()
        layer.confirm()
        assert (method.waited, method.closed, method.confirmed) == (number, number, number)
        layer(image, mask)
        if isinstance(layer, WithStrategy):
            # Summed over the windows, which alone the declaration and the shared arrays are about.
            assert layer.model_seconds == 0.25 * layer.calls
            assert layer.inputs(64, 64) is None
            assert layer.declaration is None
        else:
            assert layer.model_seconds == 0.25
            assert layer.inputs(64, 64) is method.shared
            assert layer.declaration.size == (64, 64)


def test_wrappers_of_a_bare_method_answer_for_it():
    image, mask = np.zeros((64, 64, 3), np.uint8), np.zeros((64, 64), bool)
    mask[20:30, 20:30] = True
    for layer in wrappers(method := Bare()):
        layer(image, mask)
        layer.synchronise()
        layer.confirm()
        layer.close()
        assert unwrap(layer) is method
        hooks = layer.model_seconds, layer.inputs(64, 64), layer.gpu_peak_bytes, layer.declaration
        assert hooks == (None, None, None, None)
        assert layer.peak_bytes == 0


def test_unwrap_stops_at_a_layer_of_another_kind():
    options = WithOptions(Bare(), {"option": 1})
    under = with_strategy(options, "resize:32")
    assert unwrap(options, WithOptions) is options.inpaint
    assert unwrap(under, WithOptions) is under
    assert unwrap(under, WithStrategy) is options
    assert unwrap(options.inpaint) is options.inpaint


@pytest.fixture
def adapters(tmp_path):
    """Every adapter around a method that answers, with the hooks that it offers of itself."""
    script = tmp_path / "method.py"
    script.write_text(
        textwrap.dedent(
            """
            class Method:
                model_seconds = None

                def __call__(self, image, mask):
                    self.model_seconds = 1e-9
                    image[mask] = 9
                    return image

                def synchronise(self):
                    pass
            """
        )
    )
    network = tmp_path / "network.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch discourages the format
        torch.jit.script(Passing()).save(network)
    copy = "import shutil, sys; shutil.copy(sys.argv[1], sys.argv[3])"
    (tmp_path / "copy.py").write_text(copy)
    return {
        f"{script}:Method": (Clocked, Confirms, SharesInputs, CountsGpuMemory, CountsMemory, Closable),
        str(network): (Clocked, Confirms, SharesInputs, CountsGpuMemory, CountsMemory, Closable, Declares),
        f"cmd:python3 {tmp_path / 'copy.py'} {{image}} {{mask}} {{output}}": (Clocked,),
    }


class Passing(torch.nn.Module):
    def forward(self, image: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return image * (1 - mask)


@pytest.mark.parametrize("strategy", ["native", *STRATEGIES])
def test_adapters_offer_their_hooks_under_every_strategy(adapters, strategy):
    image, mask = np.full((48, 64, 3), 5, np.uint8), np.zeros((48, 64), bool)
    mask[20:30, 20:30] = True
    for spec, hooks in adapters.items():
        method = open_method(spec, strategy=strategy)
        adapter = unwrap(method)
        assert {hook for hook in HOOKS if isinstance(adapter, hook)} == set(hooks)
        method(image, mask)
        assert isinstance(method, Clocked)
        assert method.model_seconds > 0
        if isinstance(adapter, CountsMemory):
            assert method.peak_bytes == adapter.peak_bytes
            assert method.gpu_peak_bytes == adapter.gpu_peak_bytes
            method.close()
            assert adapter.peak_bytes == 0
            adapter.gpu_peak_bytes = (1, 2)
            assert method.gpu_peak_bytes == (1, 2)


@pytest.mark.parametrize("strategy", ["native", *STRATEGIES])
def test_a_network_is_timed_under_options_and_strategies(strategy):
    image, mask = np.zeros((64, 64, 3), np.uint8), np.zeros((64, 64), bool)
    mask[20:30, 20:30] = True
    method = open_method("rethined,working_resolution=256,backend=torch", strategy=strategy)
    method(image, mask)
    assert isinstance(unwrap(method), Clocked)
    assert method.model_seconds > 0
