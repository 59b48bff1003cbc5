"""Graphs in half precision and in bytes: smaller, close to fp32, refused where wrong."""

import numpy as np
import pytest
import torch

from df8k import baselines
from df8k.baselines.rethined import fused
from df8k.baselines.rethined.runtime.backends import OnnxBackend, TorchBackend, _cached_graph
from df8k.baselines.rethined.runtime.export import export
from df8k.baselines.rethined.runtime.precision import convert_precision
from df8k.baselines.rethined.tokens import reduce
from tests.baselines.rethined.conftest import blobs, lively

pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def network():
    return fused(lively())


@pytest.mark.parametrize(("precision", "size", "error"), [("fp16", 0.55, 2e-3), ("int8", 0.35, 0.05)])
def test_a_reduced_graph_is_smaller_and_close_to_fp32(network, photo, tmp_path, precision, size, error):
    whole, path = _cached_graph(network), tmp_path / f"{precision}.onnx"
    convert_precision(whole, path, precision)
    assert path.stat().st_size < size * whole.stat().st_size
    working = reduce(photo[:256, :320], blobs((256, 320), 0.3), 256)
    backend = OnnxBackend(path)
    assert backend.name == f"onnxruntime {precision}.onnx"
    expected = TorchBackend(network, torch.device("cpu"), bf16=False)(working)
    apart = backend(working).coarse - expected.coarse
    assert 0 < np.abs(apart).mean() < error
    assert not list(tmp_path.glob("tmp*"))


def test_what_is_no_such_graph_or_precision_is_refused(tmp_path):
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no graph")
    with pytest.raises(baselines.MethodError, match="cannot be opened"):
        OnnxBackend(broken)
    with pytest.raises(baselines.MethodError, match="no precision is called 'fp8'"):
        convert_precision(broken, tmp_path / "x.onnx", "fp8")
    with pytest.raises(baselines.MethodError, match="could not convert"):
        convert_precision(broken, tmp_path / "x.onnx", "fp16")
    with pytest.raises(baselines.MethodError, match="int8 is written as ONNX, graph embed"):
        export("rethined", tmp_path / "x.onnx", graph="match", precision="int8")
