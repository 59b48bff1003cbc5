"""State of a run on disk: written whole or not at all, refused when it belongs to another run."""

from pathlib import Path
from typing import Any

import torch

from _df8k.bounded import parse_json, validated
from _df8k.files import atomic_file
from df8k.baselines.base import MethodError

from .config import RunConfig

_FORMAT = 1


def save_state(path: Path, config: RunConfig, state: dict[str, Any]) -> None:
    """Write tensors and numbers atomically, with the configuration that they belong to."""
    with atomic_file(path) as file:
        torch.save({"format": _FORMAT, "config": config.json_text, **state}, file)


def load_state(path: Path, config: RunConfig) -> dict[str, Any] | None:
    """Read what `save_state` wrote; ``None`` when there is no such file.

    Raises:
        MethodError: damaged, or of another configuration; the message names the first value that differs.
    """
    if not path.exists():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # the unpickler raises whatever a damaged file leads it to
        raise MethodError(f"cannot read the checkpoint {path}: {error}") from error
    if not isinstance(state, dict) or not isinstance(state.get("config"), str):
        raise MethodError(f"cannot read the checkpoint {path}: it holds no configuration")
    if state.get("format") != _FORMAT:
        raise MethodError(
            f"{path} has checkpoint format {state.get('format')!r}; this version reads {_FORMAT}"
        )
    if state["config"] != config.json_text:
        stored = parse_json(state["config"], f"{path}, configuration", MethodError)
        before = validated(RunConfig, stored, f"{path}, configuration", MethodError)
        raise MethodError(
            f"{path.parent} was begun with another configuration ({_difference(before, config)}): "
            "give the same options, or another --out"
        )
    return state


def _difference(before: RunConfig, now: RunConfig) -> str:
    if before.name != now.name:
        return f"method {before.name}, now {now.name}"
    old, new = before.model_dump(mode="json"), now.model_dump(mode="json")
    for table in ("training", "method"):
        for key in sorted({*old[table], *new[table]}):
            if old[table].get(key) != new[table].get(key):
                return f"{table}.{key} {old[table].get(key)!r}, now {new[table].get(key)!r}"
    return "unknown difference"
