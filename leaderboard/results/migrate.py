"""Bring results that an earlier version wrote into the form of today's."""

from typing import Any, Final

from df8k.leaderboard.errors import LeaderboardError

SCHEMA_VERSION: Final = 2


def upgrade(content: dict[str, Any]) -> dict[str, Any]:
    """Bring the content of RESULT.json to today's schema; what an old result did not record stays unknown.

    Args:
        content: as parsed; it is not changed.

    Raises:
        LeaderboardError: a schema that this version does not know.
    """
    schema = content.get("schema_version", SCHEMA_VERSION)
    if schema == SCHEMA_VERSION:
        return content
    if schema == 1:
        return _from_1(content)
    raise LeaderboardError(f"has schema {schema}, this df8k reads 1 to {SCHEMA_VERSION}: use one that fits")


def _from_1(content: dict[str, Any]) -> dict[str, Any]:
    """Add what schema 1 lacked: provenance and seal."""
    if later := sorted({"provenance", "seal"} & content.keys()):
        raise LeaderboardError(f"says schema 1, yet has {' and '.join(later)}, which came with schema 2")
    upgraded = {**content, "schema_version": SCHEMA_VERSION}
    known = {"df8k_version": upgraded.pop("df8k_version")} if "df8k_version" in upgraded else {}
    upgraded["provenance"] = {
        **known,
        "commit": None,
        "dirty": None,
        "command": None,
        "metric_weights": {},
    }
    return upgraded
