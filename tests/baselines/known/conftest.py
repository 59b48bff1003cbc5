"""Stand-ins with the signatures of published networks, served on this machine; none of them is a real one."""

import hashlib

import pytest

from df8k.baselines.known import catalogue, entry
from tests.metrics.http_server import Behaviour, serve

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

# Grey in the hole, the picture elsewhere, in the terms of each signature.
PAIR = (
    "inverse = Sub (one, mask) kept = Mul (image, inverse) grey = Mul (mask, half) filled = Add (kept, grey)"
)
STACKED = """
    less = Slice (x, zero_index, one_index, channels)
    picture = Slice (x, one_index, four_index, channels)
    known = Add (less, half)
    filled = Mul (picture, known)
"""
BYTES = """
    image_float = Cast <to = 1> (image)
    mask_float = Cast <to = 1> (mask)
    known = Div (mask_float, white)
    kept = Mul (image_float, known)
    missing = Sub (one, known)
    grey = Mul (missing, middle)
    sum = Add (kept, grey)
    filled = Cast <to = 2> (sum)
"""
CONSTANTS = {
    "one": "float one = {1}",
    "half": "float half = {0.5}",
    "white": "float white = {255}",
    "middle": "float middle = {127}",
    "zero_index": "int64[1] zero_index = {0}",
    "one_index": "int64[1] one_index = {1}",
    "four_index": "int64[1] four_index = {4}",
    "channels": "int64[1] channels = {1}",
}


def network(inputs, body, output):
    used = ", ".join(text for name, text in CONSTANTS.items() if name in body)
    text = f'<ir_version: 8, opset_import: ["": 17]> net ({inputs}) => ({output}) <{used}> {{ {body} }}'
    return onnx.parser.parse_model(text).SerializeToString()


def lama(side):
    body = PAIR.replace("filled = Add", "sum = Add") + " filled = Mul (sum, white)"
    shape = f"1,3,{side},{side}"
    return network(f"float[{shape}] image, float[1,1,{side},{side}] mask", body, f"float[{shape}] filled")


STAND_INS = {
    "migan": network("uint8[b,3,h,w] image, uint8[b,1,h,w] mask", BYTES, "uint8[b,3,h,w] filled"),
    "migan-512": network("float[1,4,512,512] x", STACKED, "float[1,3,512,512] filled"),
    "lama": lama(512),
}


@pytest.fixture
def served(monkeypatch, tmp_path):
    """Serves the stand-ins in place of the public files, and pins them."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("DF8K_WEIGHTS", str(tmp_path / "store"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("DF8K_OFFLINE", raising=False)
    behaviour = Behaviour()
    with serve(behaviour) as address:
        pinned = dict(catalogue())
        for name, data in STAND_INS.items():
            pin(pinned, behaviour, address, name, data)
        monkeypatch.setattr(entry, "catalogue", lambda: pinned)
        behaviour.pin = lambda name, data: pin(pinned, behaviour, address, name, data)
        yield behaviour


def pin(pinned, behaviour, address, name, data):
    behaviour.files[f"/{name}"] = data
    update = {
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "urls": (f"{address}/{name}",),
    }
    pinned[name] = pinned[name].model_copy(update={"file": pinned[name].file.model_copy(update=update)})
