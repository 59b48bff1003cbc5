"""Folders that are addresses of an object store: ``s3://``, ``gs://``, ``memory://``, and so on."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from .path import StorePath

__all__ = ["locate", "remote"]


def locate(address: "str | Path | StorePath") -> Path:
    """Turn what a user names into a path: of this machine, or of a store where it reads ``scheme://``.

    A `StorePath` has what the project uses of `pathlib.Path`, and passes for one.
    """
    if isinstance(address, Path) or remote(address) is not None:
        return cast("Path", address)
    text = str(address)
    scheme, separator, rest = text.partition("://")
    if not separator or not scheme.replace("+", "").isalnum():
        return Path(text)
    if scheme in {"file", "local"}:
        return Path(rest)
    from .path import StorePath

    return cast("Path", StorePath(text.rstrip("/")))


def remote(path: object) -> "StorePath | None":
    """Give the path as one of a store; ``None`` for one of this machine."""
    # Asked of every file that is read: a machine without stores never imports what they need.
    if isinstance(path, (str, Path)):
        return None
    from .path import StorePath

    return path if isinstance(path, StorePath) else None
