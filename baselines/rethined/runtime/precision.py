"""Exported graphs in half precision or in bytes, by onnxruntime's own converters."""

import tempfile
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from df8k.baselines.base import MethodError
from df8k.baselines.contract.pictures import case

PRECISIONS: Final = ("fp32", "fp16", "int8")
_CALIBRATION_SIDE: Final = 256
_CALIBRATION_PICTURES: Final = 8
# Sums of squares and divisions by them overflow or vanish in half precision.
_KEPT_IN_FP32: Final = ["Sqrt", "Div", "ReduceSum", "ReduceMean", "Resize"]


def convert_precision(source: Path, target: Path, precision: str) -> None:
    """Write an fp32 graph ``embed`` in another precision; inputs and outputs stay fp32.

    ``fp16`` keeps norms and resizing in fp32. ``int8`` quantises convolutions and products of matrices
    (weights by channel, activations in the ranges that drawn pictures show), the rest stays fp32.

    Args:
        source: fp32 graph as `write_onnx` writes it.
        target: file to write, atomically.
        precision: ``fp16`` or ``int8``.

    Raises:
        MethodError: another precision, or a converter that fails.
    """
    if precision not in PRECISIONS[1:]:
        raise MethodError(f"no precision is called {precision!r}: known: {', '.join(PRECISIONS)}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the converters warn about numbers that they clip
        written = Path(folder) / "graph.onnx"
        try:
            (_half if precision == "fp16" else _bytes)(source, written)
        except Exception as error:  # the converters raise whatever their passes meet
            raise MethodError(f"onnxruntime could not convert the graph to {precision}: {error}") from error
        written.replace(target)


def _half(source: Path, target: Path) -> None:
    import onnx
    from onnxruntime.transformers.float16 import DEFAULT_OP_BLOCK_LIST, convert_float_to_float16

    kept = [*DEFAULT_OP_BLOCK_LIST, *_KEPT_IN_FP32]
    half = convert_float_to_float16(onnx.load(source), keep_io_types=True, op_block_list=kept)
    # The converter writes the cast of a tensor once for each of its readers.
    nodes = list({node.SerializeToString(): node for node in half.graph.node}.values())
    del half.graph.node[:]
    half.graph.node.extend(nodes)
    onnx.save(half, target)


def _bytes(source: Path, target: Path) -> None:
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):  # type: ignore[misc] # onnxruntime is untyped here
        def __init__(self) -> None:
            self._feeds = _feeds()

        def get_next(self) -> Mapping[str, Any] | None:
            return next(self._feeds, None)

    prepared = target.with_name("prepared.onnx")
    quant_pre_process(source, prepared, skip_symbolic_shape=True)
    quantize_static(
        prepared,
        target,
        Reader(),
        op_types_to_quantize=["Conv", "MatMul"],
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        extra_options={"ActivationSymmetric": False, "WeightSymmetric": True},
    )


def _feeds() -> Iterator[dict[str, np.ndarray[Any, np.dtype[np.float32]]]]:
    """Draw pictures with holes and some grain, so that ranges hold for more than smooth slopes."""
    for number in range(_CALIBRATION_PICTURES):
        drawn = case("calibration", _CALIBRATION_SIDE, _CALIBRATION_SIDE, phase=float(number))
        grain = np.random.default_rng(number).normal(0, 5 * number, drawn.image.shape)
        image = np.roll(drawn.image, number, axis=2) + np.where(drawn.mask[..., None], 0, grain)
        pixels = np.clip(image / 255, 0, 1).astype(np.float32).transpose(2, 0, 1)
        yield {"image": pixels[None], "mask": drawn.mask[None, None].astype(np.float32)}
