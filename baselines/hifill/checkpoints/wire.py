"""Reading protocol-buffer messages field by field, for weight files whose schema is a handful of fields."""

from collections.abc import Iterator

from df8k.baselines.base import MethodError

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def varint(data: memoryview, at: int) -> tuple[int, int]:
    """Read a base-128 number.

    Returns:
        The number and the position after it.

    Raises:
        MethodError: the data ends inside it, or it is longer than 64 bits.
    """
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise MethodError(f"damaged message: no number ends before byte {at}")


def fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Go through the fields of one message.

    Yields:
        Field number and value: an integer for numbers of any width, the raw bytes for strings, nested
        messages and packed lists.

    Raises:
        MethodError: the data is no protocol-buffer message.
    """
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            value, at = varint(data, at)
            yield number, value
            continue
        if kind == _BYTES:
            length, at = varint(data, at)
        elif kind in {_FIXED32, _FIXED64}:
            length = 4 if kind == _FIXED32 else 8
        else:
            raise MethodError(f"damaged message: field {number} has wire type {kind} at byte {at}")
        if at + length > len(data):
            raise MethodError(f"damaged message: field {number} needs {length} bytes at {at} of {len(data)}")
        payload = data[at : at + length]
        at += length
        yield number, payload if kind == _BYTES else int.from_bytes(payload, "little")


def numbers(value: int | memoryview) -> list[int]:
    """Read the values of a repeated integer field, packed or not."""
    if isinstance(value, int):
        return [value]
    values, at = [], 0
    while at < len(value):
        number, at = varint(value, at)
        values.append(number)
    return values
