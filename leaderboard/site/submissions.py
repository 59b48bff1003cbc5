"""A board kept in a repository: one reviewed file per entry, checked before it lies there."""

import json
import shutil
from pathlib import Path

from _df8k.files import write_bytes
from _df8k.gate import inside
from df8k.leaderboard.audit.comparable import check_one_table
from df8k.leaderboard.audit.validate import read_accepted
from df8k.leaderboard.errors import LeaderboardError
from df8k.leaderboard.results.distribution_states import features_path, state_path
from df8k.leaderboard.results.per_image import per_image_path
from df8k.leaderboard.results.schema import Result, read_result

from .render import packaged_text, slug


def add(result: Path, board: Path, *, replace: bool = False) -> Path:
    """Put a result on a board kept as a folder of results.

    Args:
        result: RESULT.json, with its per-image file and, where there is one, its folder of features.
        board: folder of the accepted results; made when absent. The file's name is made from the method's.
        replace: whether an entry of the same method is replaced.

    Returns:
        The entry's RESULT.json in ``board``.

    Raises:
        LeaderboardError: the result is not accepted, may not stand in one table with the board's, or its
            method stands there already; the board is then as it was.
    """
    accepted = read_accepted(result)
    target = board / f"{slug(accepted.method.name)}.json"
    if target.exists() and not replace:
        raise LeaderboardError(
            f"{accepted.method.name} stands on the board already, in {target}: "
            "replace it on purpose with --replace"
        )
    for other in sorted(board.glob("*.json")):
        if other != target:
            check_one_table(
                [result, other],
                [accepted, read_result(other)],
                same_images=True,
                remedy="measure it on the board's images, with its protocol and metrics",
            )
    shutil.rmtree(features_path(target), ignore_errors=True)
    for size_result in accepted.sizes:
        state = state_path(features_path(result), size_result.size)
        if size_result.distributions and state.is_file():
            copy = state_path(features_path(target), size_result.size)
            write_bytes(copy, inside(features_path(result), state.name).read_bytes())
    write_bytes(per_image_path(target), per_image_path(result).read_bytes())
    # Last: an entry without its companions would not be accepted.
    write_bytes(target, result.read_bytes())
    return target


def schema() -> str:
    """Write the JSON Schema of RESULT.json."""
    return json.dumps(Result.model_json_schema(), indent=2) + "\n"


def workflow() -> str:
    """Write a GitHub workflow that validates each proposed entry and rebuilds the site."""
    return packaged_text("templates/workflow.yml")
