"""Run two ONNX files on the same numbers, and compare every tensor that both name; a program of its own."""

import json
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np

_FREE: Final = 128  # pixels of a side that the file leaves free
_TYPES: Final = {"tensor(float16)": np.float16, "tensor(double)": np.float64, "tensor(uint8)": np.uint8}


def compare(reference: Path, candidate: Path) -> list[dict[str, Any]]:
    """Compare the tensors of two files in the order of the first.

    Returns:
        For each tensor that both name its ``name``, the ``operator`` that makes it, the relative ``error``
        (norm of the difference over norm of the reference) and ``before``, the largest of its inputs.
    """
    import onnx
    import onnxruntime

    models = [onnx.load(path) for path in (reference, candidate)]
    made = [{name for node in model.graph.node for name in node.output if name} for model in models]
    shared = made[0] & made[1]
    values = []
    for model in models:
        known = {item.name for item in model.graph.output}
        model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in sorted(shared - known))
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        names = [item.name for item in session.get_outputs()]
        values.append(dict(zip(names, session.run(None, _feed(session.get_inputs())), strict=True)))
    errors: dict[str, float] = {}
    rows = []
    for node in models[0].graph.node:
        before = max((errors.get(name, 0.0) for name in node.input), default=0.0)
        for name in node.output:
            if name in shared and (error := _error(values[0][name], values[1][name])) is not None:
                errors[name] = error
                rows.append(
                    {"name": node.name or name, "operator": node.op_type, "error": error, "before": before}
                )
    return rows


def _feed(inputs: list[Any]) -> dict[str, Any]:
    generator = np.random.default_rng(0)
    feed = {}
    for item in inputs:
        usual = (1, 3, _FREE, _FREE)
        shape = [
            length if isinstance(length, int) else usual[min(axis, 3)]
            for axis, length in enumerate(item.shape)
        ]
        kind = _TYPES.get(item.type, np.float32)
        numbers = generator.random(shape) * (255 if kind is np.uint8 else 1)
        feed[item.name] = numbers.astype(kind)
    return feed


def _error(reference: Any, candidate: Any) -> float | None:
    a, b = np.asarray(reference), np.asarray(candidate)
    if a.shape != b.shape or a.dtype.kind != "f" or not a.size:
        return None
    a, b = a.astype(np.float64), b.astype(np.float64)
    scale = float(np.linalg.norm(a))
    error = float(np.linalg.norm(a - b)) / scale if scale else float(np.linalg.norm(b))
    return error if np.isfinite(error) else 1e300


if __name__ == "__main__":
    sys.stdout.write(json.dumps(compare(Path(sys.argv[1]), Path(sys.argv[2]))))
