"""Answer a misspelt name with the known ones that are nearest to it."""

from collections.abc import Iterable
from difflib import get_close_matches


def unknown_name(what: str, name: str, known: Iterable[str], most: int = 3) -> str:
    """Word an error: ``no WHAT is called 'NAME': did you mean a or b? known: a, b, c``."""
    names = list(known)
    # Beginnings such as "val" are too short to be near.
    begun = [one for one in names if name and one.startswith(name)]
    near = get_close_matches(name, names, n=most) or begun[:most]
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return f"no {what} is called {name!r}: {hint}known: {', '.join(names)}"
