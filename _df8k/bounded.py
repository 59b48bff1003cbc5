"""Bounded, typed reading of files from outside: JSON, TOML and parquet are checked before they are used.

Nothing is materialised whose size is not known to be harmless. Each reader takes the exception of the package
that calls it; its message names file, place, finding and, where the caller gives one, the remedy.
"""

import json
import math
import tomllib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from .gate import shown
from .store import remote

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

    Model = TypeVar("Model", bound=BaseModel)

Fault = Callable[[str], Exception]

TEXT_BYTES: Final = 32 * 2**20
_DEPTH: Final = 40
_INTEGER: Final = 2**63
_LISTED: Final = 3


def read_limited(path: Path, error: Fault, *, limit: int = TEXT_BYTES) -> bytes:
    """Read a file of at most ``limit`` bytes.

    Raises:
        Exception: ``error``, where it is absent, no regular file, or larger.
    """
    try:
        if not path.is_file():
            raise error(f"{path} cannot be read: there is no such file")
        if (stored := remote(path)) is not None:
            data = stored.read_bytes(limit + 1)
        else:
            with path.open("rb") as file:
                data = file.read(limit + 1)
    except (OSError, ValueError) as fault:
        if isinstance(fault, OSError):
            raise error(f"{path} cannot be read: {fault.strerror}") from fault
        raise
    if len(data) > limit:
        raise error(f"{path} is larger than {limit >> 20} MiB: no file of its kind is")
    return data


def parse_json(data: bytes | str, name: str, error: Fault, *, finding: str = "is damaged") -> Any:
    """Parse JSON that may be hostile.

    Args:
        data: the text.
        name: of the file, for messages.
        error: makes the exception.
        finding: what the message says of it.

    Raises:
        Exception: ``error``, where it is no JSON, names a key twice, is nested deeper than 40 levels, or
            holds numbers that are not finite, integers beyond 64 bits, or text that is no Unicode.
    """
    try:
        content = json.loads(data, object_pairs_hook=_unique, parse_constant=_refuse)
        _check_values(content)
    except RecursionError as fault:
        raise error(f"{name} {finding}: it is nested deeper than {_DEPTH} levels") from fault
    except ValueError as fault:
        raise error(f"{name} {finding}: {fault}") from fault
    return content


def read_object(path: Path, error: Fault, *, finding: str = "is damaged") -> dict[str, Any]:
    """Read a JSON file that holds an object; see `parse_json`."""
    content = parse_json(read_limited(path, error), str(path), error, finding=finding)
    if not isinstance(content, dict):
        raise error(f"{path} {finding}: it holds no JSON object")
    return content


def read_toml(data: bytes, name: str, error: Fault, *, finding: str = "is no TOML file") -> dict[str, Any]:
    """Parse TOML that may be hostile; raises ``error`` as `parse_json` does."""
    if len(data) > TEXT_BYTES:
        raise error(f"{name} is larger than {TEXT_BYTES >> 20} MiB: no file of its kind is")
    try:
        content = tomllib.loads(data.decode())
        _check_values(content)
    except RecursionError as fault:
        raise error(f"{name} {finding}: it is nested deeper than {_DEPTH} levels") from fault
    except ValueError as fault:
        raise error(f"{name} {finding}: {fault}") from fault
    return content


def validated(
    model: "type[Model]", content: object, name: str, error: Fault, *, finding: str = "is damaged"
) -> "Model":
    """Check parsed JSON against a model, types strictly; see `parse_json`.

    Raises:
        Exception: ``error`` with the first faults, each with its field.
    """
    from pydantic import ValidationError

    try:
        return model.model_validate_json(json.dumps(content), strict=True)
    except ValidationError as fault:
        raise error(f"{name} {finding}: {faults(fault)}") from fault


def faults(error: "ValidationError") -> str:
    """Put the first faults of a validation into words."""
    found = error.errors(include_url=False, include_context=False)
    texts = [f"{place(fault['loc'])}: {fault['msg']}" for fault in found[:_LISTED]]
    rest = f"; {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    return "; ".join(texts) + rest


def place(location: Collection[int | str]) -> str:
    """Name the field that a fault lies in."""
    return ".".join(str(part) if isinstance(part, int) else shown(part)[1:-1] for part in location) or "file"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("an object names a key twice")
    return content


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON number")


def _check_values(content: object) -> None:
    """Walk parsed values level by level; raises ValueError at the first that no file of ours holds."""
    level: list[object] = [content]
    for _ in range(_DEPTH):
        below: list[object] = []
        for value in level:
            if isinstance(value, Mapping):
                below += value.keys()
                below += value.values()
            elif isinstance(value, list):
                below += value
            elif isinstance(value, str):
                value.encode()  # half a surrogate pair is no text: UnicodeEncodeError is a ValueError
            elif isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"{value} is no finite number")
            elif isinstance(value, int) and abs(value) >= _INTEGER:
                raise ValueError("an integer is longer than 64 bits")
            elif value is not None and not isinstance(value, (bool, int, float)):
                raise ValueError(f"{value} is no text, number or list")  # dates of TOML
        if not below:
            return
        level = below
    raise ValueError(f"it is nested deeper than {_DEPTH} levels")
