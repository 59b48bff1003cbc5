"""Which images may be passed on."""

import re
from typing import Final

from df8k.sources.credits import is_unknown

# Statements seen in credits files and APIs, with spaces and underscores turned into hyphens.
_FREE: Final = re.compile(r"(public-domain|pd|pdm|cc0|cc-pdm)(-mark)?(-?\d\.\d)?(-universal)?", re.IGNORECASE)
_ATTRIBUTION: Final = re.compile(r"cc-by(-sa)?(-\d\.\d)?(-[a-z]{2,3})?", re.IGNORECASE)


_ADDRESS: Final = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/(licenses|publicdomain)/([a-z-]+)/(\d\.\d)"
    r"(?:/([a-z]{2,3}))?(?:/(?:deed|legalcode)(?:\.[a-z-]+)?)?/?",
    re.IGNORECASE,
)
_DEDICATIONS: Final = {"zero": "CC0", "mark": "Public domain"}


def licence_name(licence: str) -> str:
    """Name a Creative Commons licence that is stated by its address; any other statement stays as it is."""
    match = _ADDRESS.fullmatch(licence.strip())
    if not match:
        return licence
    kind, name, number, port = match.groups()
    if kind.lower() == "publicdomain":
        stated = _DEDICATIONS.get(name.lower())
        return f"{stated} {number}" if stated else licence
    return " ".join(word for word in ("CC", name.upper(), number, (port or "").upper()) if word)


def not_redistributable(licence: str, author: str) -> str:
    """Say why an image may not be passed on under its licence.

    Args:
        licence: as its source states it; alternatives and remarks are not interpreted, so they are refused.
        author: whom to credit.

    Returns:
        the finding; empty when the image may be passed on.
    """
    stated = re.sub(r"[\s_]+", "-", licence_name(licence).strip())
    if not stated:
        return "no licence is stated"
    if _FREE.fullmatch(stated):
        return ""
    if not _ATTRIBUTION.fullmatch(stated) or _restricted(stated):
        return f"{licence!r} is not public domain, CC0, CC BY or CC BY-SA"
    return f"{licence!r} asks for an author, and none is named" if is_unknown(author) else ""


def _restricted(stated: str) -> bool:
    return bool({"nc", "nd"} & set(stated.lower().split("-")))
