"""Safetensors files that are equal where their tensors are."""

import json


def ordered(data: bytes) -> bytes:
    """Sort the header of a safetensors file: the library writes it in another order every time."""
    size = int.from_bytes(data[:8], "little")
    header = json.dumps(json.loads(data[8 : 8 + size]), sort_keys=True, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + data[8 + size :]
