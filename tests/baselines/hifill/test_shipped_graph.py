"""HiFill on onnxruntime: the graph is of this code, equals torch, and needs none of it."""

import subprocess
import sys

import numpy as np
import pytest
import torch

import baselines
from baselines.hifill import Generator, initialise, load_weights, save_weights
from baselines.hifill.inference.runner import GeneratorRunner
from baselines.hifill.inference.shipped_graph import GRAPH, GraphRunner, fits
from baselines.hifill.inference.sources import described
from baselines.hifill.network.description import describe
from baselines.hifill.network.geometry import HEAD
from baselines.hifill.stored import SHIPPED, read_stored


@pytest.fixture(scope="module")
def stored():
    return read_stored(SHIPPED)


@pytest.fixture
def scene(picture):
    mask = np.zeros((512, 512), bool)
    mask[120:300, 200:390] = mask[400:420, 30:300] = True
    return picture(512, 512), mask


def test_the_graph_is_of_this_code_and_takes_the_shipped_weights(stored):
    assert GRAPH.contents["sources"] == GRAPH.sources_sha256(), (
        "the network changed: run python -m df8k.baselines.hifill.inference.shipped_graph"
    )
    assert fits(stored)
    state = load_weights().generator.state_dict()
    assert state.keys() == stored.tensors.keys()
    assert all(np.array_equal(stored.tensors[name], tensor.numpy()) for name, tensor in state.items())


def test_the_graph_equals_torch(stored, scene):
    image, mask = scene[0].astype(np.float32), scene[1]
    ours = GraphRunner(stored)(image, mask)
    torchs = GeneratorRunner(load_weights().generator, "cpu")(image, mask)
    np.testing.assert_allclose(ours.filled, torchs.filled, rtol=0, atol=0.01)  # of 255
    np.testing.assert_allclose(ours.attention, torchs.attention.numpy(), rtol=0, atol=1e-4)
    np.testing.assert_array_equal(ours.valid, torchs.valid)


def test_the_method_fills_as_with_torch(scene):
    image, mask = scene
    ours, torchs = (baselines.load("hifill", backend=name) for name in ("onnxruntime", "torch"))
    assert ours.card == torchs.card
    difference = np.abs(ours(image, mask).astype(int) - torchs(image, mask))
    assert (difference[mask] > 1).mean() < 0.01  # another source where two are as good
    assert not difference[~mask].any()
    assert ours.model_seconds > 0


def test_what_lies_under_the_hole_is_not_read(stored, scene):
    image, mask = scene[0].astype(np.float32), scene[1]
    runner = GraphRunner(stored)
    planted = np.where(mask[..., None], np.float32(200), image)
    for first, second in zip(runner(image, mask), runner(planted, mask), strict=True):
        np.testing.assert_array_equal(first, second)


def test_looks_are_described_as_in_training(scene):
    small = scene[0].astype(np.float32)
    image = torch.from_numpy(small).permute(2, 0, 1)[None] / 127.5 - 1
    np.testing.assert_allclose(described(small), describe(image)[0].numpy(), rtol=1e-4, atol=1e-4)


def test_the_method_runs_without_torch():
    code = (
        "import sys, numpy, baselines; method = baselines.load('hifill'); "
        "image = numpy.full((96, 96, 3), 90, numpy.uint8); mask = numpy.zeros((96, 96), bool); "
        "mask[30:50, 30:50] = True; method(image, mask); sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-P", "-c", code], check=True)


@pytest.mark.parametrize(
    ("generator", "options"),
    [
        ({"start": "membrane", "reduction": 4}, {}),
        ({"start": "membrane", "reduction": 8, "refine_gate": "full"}, {}),
        ({"start": "membrane", "reduction": 8}, {"mode": "graph"}),
    ],
)
def test_what_the_graph_is_not_for_takes_torch(tmp_path, generator, options):
    path = tmp_path / "w.safetensors"
    save_weights(path, initialise(Generator(**generator)), licence="Apache-2.0", provenance={})
    method = baselines.load("hifill", weights=path, **options)
    assert isinstance(method._network, GeneratorRunner)
    with pytest.raises(baselines.MethodError, match="choose torch"):
        baselines.load("hifill", weights=path, backend="onnxruntime", **options)


def test_a_decoder_that_was_trained_takes_torch(tmp_path):
    path = tmp_path / "w.safetensors"
    network = initialise(Generator(start="membrane", reduction=8))
    save_weights(path, network, licence="Apache-2.0", provenance={})
    assert fits(read_stored(path))
    torch.nn.init.constant_(network.get_parameter(HEAD[1]), 0.01)
    save_weights(path, network, licence="Apache-2.0", provenance={})
    assert not fits(read_stored(path))
    assert isinstance(baselines.load("hifill", weights=path)._network, GeneratorRunner)


def test_an_unknown_backend_is_refused():
    with pytest.raises(baselines.MethodError, match="no backend is called 'tensorflow': known: auto"):
        baselines.load("hifill", backend="tensorflow")
