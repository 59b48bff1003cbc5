"""torch, bfloat16 and onnxruntime; the choice among them; exported graphs and the shipped one."""

import json
import subprocess
import sys
from functools import partial

import numpy as np
import onnx
import pytest
import torch

import baselines
from baselines.rethined import build, export, fused, load_network, save_network
from baselines.rethined.network.geometry import CUT_PX
from baselines.rethined.runtime import backends as module
from baselines.rethined.runtime import onnx_graph as graph
from baselines.rethined.runtime import shipped_graph
from baselines.rethined.runtime.backends import OnnxBackend, TorchBackend
from baselines.rethined.tokens import reduce
from tests.baselines.rethined.conftest import blobs, lively


@pytest.fixture(scope="module")
def network():
    return fused(lively())


@pytest.fixture(scope="module")
def working(photo):
    return reduce(photo[:480, :380], blobs((480, 380), 0.3), 256)


@pytest.fixture(scope="module")
def reference(network, working):
    return TorchBackend(network, torch.device("cpu"), bf16=False)(working)


def test_onnxruntime_equals_torch(network, working, reference):
    for a, b in zip(OnnxBackend(network)(working), reference, strict=True):
        assert np.abs(np.asarray(a) - np.asarray(b)).max() <= 2e-5


def test_the_shipped_graph_is_of_this_code_and_takes_the_shipped_weights(working):
    assert shipped_graph.GRAPH.contents["sources"] == shipped_graph.GRAPH.sources_sha256(), (
        "the network changed: run python -m df8k.baselines.rethined.runtime.shipped_graph"
    )
    loaded = load_network("rethined", None, cut_px=CUT_PX)
    tensors = shipped_graph.read_tensors(loaded.source)
    state = loaded.network.state_dict()
    assert state.keys() == tensors.keys()
    assert all(np.array_equal(tensors[name], tensor.numpy()) for name, tensor in state.items())
    torch_result = TorchBackend(loaded.network, torch.device("cpu"), bf16=False)(working)
    for a, b in zip(OnnxBackend(tensors)(working), torch_result, strict=True):
        assert np.abs(np.asarray(a) - np.asarray(b)).max() <= 1e-4


def test_weights_of_another_network_are_refused_in_the_same_words(tmp_path):
    path = tmp_path / "large.safetensors"
    save_network(build("rethined-large"), path)
    assert shipped_graph.read_tensors(path) is None
    with pytest.raises(baselines.MethodError, match="holds the weights of another network than rethined"):
        baselines.load("rethined", weights=path)
    path.write_bytes(b"no tensors")
    with pytest.raises(baselines.MethodError, match="cannot read the weights"):
        baselines.load("rethined", weights=path)


def test_the_shipped_method_runs_without_torch():
    code = (
        "import sys, numpy, baselines; method = baselines.load('rethined', backend='onnxruntime'); "
        "image = numpy.full((96, 96, 3), 90, numpy.uint8); mask = numpy.zeros((96, 96), bool); "
        "mask[30:50, 30:50] = True; method(image, mask); sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-P", "-c", code], check=True)


def test_bfloat16_stays_within_three_grey_levels(network, working, reference):
    found = TorchBackend(network, torch.device("cpu"), bf16=True)(working)
    assert np.abs(found.coarse - reference.coarse).max() <= 3 / 255
    assert np.abs(found.coarse - reference.coarse).mean() <= 0.3 / 255
    known = ~working.unknown
    assert np.array_equal(found.coarse[known], reference.coarse[known])


def test_a_graph_of_another_cut_is_exported_once(working, monkeypatch):
    other = fused(build("rethined", cut_px=3.0))
    expected = TorchBackend(other, torch.device("cpu"), bf16=False)(working)
    for a, b in zip(OnnxBackend(other)(working), expected, strict=True):
        assert np.abs(np.asarray(a) - np.asarray(b)).max() <= 2e-5
    monkeypatch.setattr(graph, "write_onnx", lambda *_, **__: pytest.fail("exported again"))
    OnnxBackend(other)(working)


def test_a_network_in_memory_takes_the_shipped_graph(network, monkeypatch):
    monkeypatch.setattr(graph, "write_onnx", lambda *_, **__: pytest.fail("exported"))
    OnnxBackend(network)
    assert shipped_graph.tensors_of(fused(build("rethined", cut_px=3.0))) is None
    assert shipped_graph.tensors_of(fused(build("rethined-large"))) is None


def test_auto_goes_by_a_rule(monkeypatch):
    monkeypatch.setattr(module, "fastest", lambda *_: pytest.fail("measured"))
    assert baselines.load("rethined").card.settings["backend"] == "onnxruntime"
    monkeypatch.setattr(module, "_has", lambda _package: False)
    assert baselines.load("rethined").card.settings["backend"] == "torch"


def test_fastest_measures_once_and_remembers(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(module, "_has_onnx", lambda: False)
    seconds = {"torch": 2.0, "torch-bf16": 1.0}
    asked = []
    monkeypatch.setattr(module, "_seconds", lambda b, *_: (asked.append(b.name), seconds[b.name])[1])
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    load = partial(baselines.load, "rethined", working_resolution=256, backend="fastest")
    name = load().card.settings["backend"]
    assert name == "torch-bf16"
    assert asked == ["torch", "torch-bf16"]
    load()
    assert len(asked) == 2
    (remembered,) = tmp_path.rglob("backends.json")
    assert list(json.loads(remembered.read_text()).values()) == ["torch-bf16"]
    remembered.write_text("not json")  # a spoilt cache is measured again
    assert load().card.settings["backend"] == "torch-bf16"


def test_onnxruntime_is_refused_where_it_cannot_run(monkeypatch):
    monkeypatch.setattr(module, "_has", lambda _package: False)
    with pytest.raises(baselines.MethodError, match=r"pip install 'df8k\[onnx\]'"):
        baselines.load("rethined", backend="onnxruntime")


def test_fixed_graph_needs_portable_operators_alone(network, tmp_path):
    path = tmp_path / "embed.onnx"
    assert graph.write_onnx(network, path, kind="embed", size=(128, 64)) <= 1e-5
    assert graph.operators(onnx.load(path)) <= graph.PORTABLE_OPERATORS
    onnx.checker.check_model(onnx.load(path), full_check=True)
    assert [p.name for p in tmp_path.iterdir()] == ["embed.onnx"]


def test_large_graph_with_its_gates_is_portable_too(tmp_path):
    path = tmp_path / "large.onnx"
    assert graph.write_onnx(fused(build("rethined-large")), path, kind="embed", size=(64, 64)) <= 1e-4


def test_matching_graph_takes_any_size_and_any_number_of_queries_and_keys(
    network, tmp_path, working, reference
):
    import onnxruntime

    from baselines.rethined.matching.nearest import best_source
    from baselines.rethined.tokens import hole_tokens, valid_tokens

    path = tmp_path / "match.onnx"
    graph.write_onnx(network, path)
    session = onnxruntime.InferenceSession(path)
    image, mask = module.network_inputs(working)
    hole, valid = hole_tokens(working), valid_tokens(working)
    for h, v in ((hole, valid), (hole[:3], valid[5:9]), (hole[:1], valid[:1])):
        feed = {"image": image, "mask": mask, "hole": h, "valid": v}
        coarse, _, source = session.run(None, feed)
        assert np.abs(coarse[0].transpose(1, 2, 0) - reference.coarse).max() <= 2e-5
        expected = best_source(reference.queries, reference.keys, h, v)
        assert (v[source] == expected).mean() > 0.98  # ties may fall differently


def test_core_ml_package_is_named_as_one(tmp_path):
    with pytest.raises(baselines.MethodError, match=r"ends in \.mlpackage"):
        export("rethined", tmp_path / "x.bin", to="coreml")


def test_export_refuses_what_it_cannot_write(network, tmp_path, monkeypatch):
    with pytest.raises(baselines.MethodError, match="no graph is called 'everything'"):
        graph.write_onnx(network, tmp_path / "x.onnx", kind="everything")
    with pytest.raises(baselines.MethodError, match="multiples of 64"):
        graph.write_onnx(network, tmp_path / "x.onnx", kind="embed", size=(100, 64))
    monkeypatch.setattr(graph, "difference", lambda *_: float("nan"))
    with pytest.raises(baselines.MethodError, match="differs from torch by nan"):
        graph.write_onnx(network, tmp_path / "x.onnx", kind="embed", size=(64, 64))
    assert not list(tmp_path.iterdir())
