"""Tell a shadowed package apart from the one that was installed with df8k.

The five packages have names that a researcher's repository may use too (``metrics``, ``masks``).
Python would import whichever comes first on ``sys.path`` and mix the two without a word.
"""

from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

PACKAGES = ("df8k", "masks", "metrics", "baselines", "leaderboard")


def check_siblings(package_file: str) -> None:
    """Check that every package of the distribution resolves to the folder beside ``package_file``.

    Args:
        package_file: ``__file__`` of the package that is being imported.

    Raises:
        ImportError: another folder or module on ``sys.path`` hides one of the packages.
    """
    home = Path(package_file).resolve().parent.parent
    for name in PACKAGES:
        location = _location(PathFinder.find_spec(name))
        if location is not None and location.resolve() != home / name:
            raise ImportError(
                f"df8k's package {name!r} was installed in {home / name}, but {location} hides it: "
                "run from another folder, or take that path off PYTHONPATH / sys.path.",
                name=name,
                path=str(location),
            )


def _location(spec: ModuleSpec | None) -> Path | None:
    if spec is None:
        return None
    if spec.origin is None:  # a bare folder without __init__.py hides nothing that is installed
        return None
    origin = Path(spec.origin)
    return origin.parent if origin.name == "__init__.py" else origin
