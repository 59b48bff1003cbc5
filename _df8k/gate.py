"""One gate for names from outside: IDs of images, and file names that must stay inside their folder."""

import re
from pathlib import Path
from typing import Final

# First 16 hexadecimal digits of the hash of an image's pixels.
ID_PATTERN: Final = r"^[0-9a-f]{16}$"
_ID: Final = re.compile(r"[0-9a-f]{16}")
_SHOWN: Final = 80


class GateError(ValueError):
    """Name from outside that may not become a path."""


def checked_id(name: object) -> str:
    """Check that a name is an image ID, 16 hexadecimal digits in lower case.

    Raises:
        GateError: it is something else.
    """
    if not isinstance(name, str) or _ID.fullmatch(name) is None:
        raise GateError(f"{shown(name)} is no image ID: 16 hexadecimal digits are expected")
    return name


def joined(root: Path, *names: object) -> Path:
    """Join names from outside to a folder that is written to.

    Args:
        root: folder that the names are relative to.
        names: relative paths with ``/`` between their parts.

    Raises:
        GateError: a name is no text, is absolute, climbs, or holds what no file name holds.
    """
    path = root
    for name in names:
        if not isinstance(name, str) or not all(map(_is_plain, name.split("/"))):
            raise GateError(f"{shown(name)} is no relative file name that stays below {root}")
        path = path.joinpath(*name.split("/"))
    return path


def inside(root: Path, *names: object) -> Path:
    """Join names from outside to a folder that is read, and check that no link leads outside; see `joined`.

    Returns:
        ``root`` with the names; links are resolved for the check alone.

    Raises:
        GateError: a name is refused, or the path leads out of ``root`` by a link.
    """
    path = joined(root, *names)
    try:
        stays = path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError) as error:  # a loop of links, or a name that is too long
        raise GateError(f"{shown(str(path))} cannot be resolved: {error}") from error
    if not stays:
        raise GateError(f"{shown(str(path))} is a link that leads out of {root}")
    return path


def _is_plain(name: str) -> bool:
    printable = name.isprintable() and "\\" not in name
    return printable and name not in {"", ".", ".."} and len(name.encode()) <= 255


def shown(value: object) -> str:
    """Show a value from outside in a message: quoted, without control characters, cut where it is long."""
    text = ascii(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
