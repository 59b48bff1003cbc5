"""Tell in words which fields of two JSON objects differ."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

# Longer lists are told by their length.
_LISTED: Final = 3


def field_changes(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    words: tuple[str, str] = ("was", "is now"),
    prefix: str = "",
) -> Iterator[str]:
    """Yield the fields that differ, in words.

    Args:
        old: parsed JSON.
        new: parsed JSON of the same kind.
        words: verbs of the two.
        prefix: name of the field that both stand in, with a dot.
    """
    for name in dict.fromkeys([*old, *new]):
        old_value, new_value = old.get(name), new.get(name)
        if isinstance(old_value, dict) and isinstance(new_value, dict):
            yield from field_changes(old_value, new_value, words, f"{prefix}{name}.")
        elif old_value != new_value:
            yield f"{prefix}{name} {words[0]} {_short(old_value)}, {words[1]} {_short(new_value)}"


def _short(value: Any) -> str:
    if isinstance(value, list) and len(value) > _LISTED:
        return f"{len(value)} entries"
    return "absent" if value is None else json.dumps(value, ensure_ascii=False)
