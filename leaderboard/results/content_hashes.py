"""Seal a result by hashes of it and its companions, so that an edit is found.

A seal finds accidents and careless edits. Whoever edits a result can seal it anew: against that there are the
recomputation of every aggregate, `reproduce`, and the filled pictures.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from _df8k.files import sha256_of
from _df8k.gate import joined

from .distribution_states import features_path
from .per_image import per_image_path
from .schema import Result, Seal, read_content, write_result


def write_sealed(result: Result, path: Path) -> Result:
    """Write RESULT.json with the hashes of its companions, which lie beside it already.

    Returns:
        The result with its seal.
    """
    open_ = result.model_copy(update={"seal": None})
    seal = Seal(
        content_sha256=_content_sha256(json.loads(open_.model_dump_json())),
        per_image_sha256=sha256_of(per_image_path(path)),
        features_sha256=_features(path, result),
    )
    sealed = result.model_copy(update={"seal": seal})
    write_result(sealed, path)
    return sealed


def broken_seals(path: Path, result: Result) -> list[str]:
    """List what was changed since the result was written, one line each; empty when nothing was.

    Args:
        path: RESULT.json of today's schema.
        result: its content.

    Raises:
        LeaderboardError: it cannot be read.
    """
    content = read_content(path)
    seal = content.get("seal")
    if not isinstance(seal, dict):
        return ["it has no seal: results are written by df8k evaluate, score and merge"]
    faults = []
    if seal.get("content_sha256") != _content_sha256(content):
        faults.append("it was edited after it was written: its seal is not that of its content")
    table = per_image_path(path)
    if not table.is_file() or seal.get("per_image_sha256") != sha256_of(table):
        faults.append(f"{table.name} is not the per-image file that it was written with")
    # Features are large; a result may travel without them, and is then shown with a word about it.
    if features_path(path).is_dir() and seal.get("features_sha256") != _features(path, result):
        faults.append(f"{features_path(path).name} does not hold the features that it was written with")
    return faults


def _content_sha256(content: dict[str, Any]) -> str:
    """Hash the content without its seal, whatever the order of keys and the spaces between them."""
    rest = {name: value for name, value in content.items() if name != "seal"}
    return sha256(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _features(path: Path, result: Result) -> dict[str, str]:
    """Hash the states by size; those that are absent have none."""
    files = {
        str(size_result.size): joined(features_path(path), f"{size_result.size}.safetensors")
        for size_result in result.sizes
        if size_result.distributions
    }
    return {size: sha256_of(file) for size, file in files.items() if file.is_file()}
