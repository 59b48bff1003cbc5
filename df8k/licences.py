"""Which pictures may be passed on."""

import re
from typing import Final

# Statements seen in credits files and APIs, with spaces and underscores turned into hyphens.
_FREE: Final = re.compile(r"(public-domain|pd|pdm|cc0|cc-pdm)(-mark)?(-?\d\.\d)?(-universal)?", re.IGNORECASE)
_ATTRIBUTION: Final = re.compile(r"cc-by(-sa)?(-\d\.\d)?(-[a-z]{2,3})?", re.IGNORECASE)


def not_redistributable(licence: str, author: str) -> str:
    """Why a picture may not be passed on under its licence.

    Args:
        licence: as its source states it; alternatives and remarks are not interpreted, so they are refused.
        author: whom to credit.

    Returns:
        the finding; empty when the picture may be passed on.
    """
    stated = re.sub(r"[\s_]+", "-", licence.strip())
    if not stated:
        return "no licence is stated"
    if _FREE.fullmatch(stated):
        return ""
    if not _ATTRIBUTION.fullmatch(stated) or _restricted(stated):
        return f"{licence!r} is not public domain, CC0, CC BY or CC BY-SA"
    return "" if author.strip() else f"{licence!r} asks for an author, and none is named"


def _restricted(stated: str) -> bool:
    return bool({"nc", "nd"} & set(stated.lower().split("-")))
