"""Let ``import masks`` give the module `df8k.masks`, and likewise for its siblings, where nothing hides them.

The four packages are at home inside ``df8k``: `df8k.metrics` can be imported beside a researcher's own
``metrics.py``, and our code names its modules in no other way. A short name is another name of the same
module, so that classes, pickles and patches are one.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Final

HOME: Final = "df8k"
SHORT_NAMES: Final = ("masks", "metrics", "baselines", "leaderboard")


class _Alias(Loader):
    """Loads ``masks.vector`` as the module `df8k.masks.vector`."""

    def exec_module(self, module: ModuleType) -> None:
        """Put the module of the full name in place of a new one, as the import system allows."""
        import_module(f"{HOME}.{module.__name__}")
        _share(module.__name__)


class _Submodules(MetaPathFinder):
    """Finds what lies below a short name, where that name is ours."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the import system's signature
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Answer for ``masks.vector`` when ``masks`` is `df8k.masks`, else leave it to others."""
        package, dot, _ = fullname.partition(".")
        if not dot or package not in SHORT_NAMES:
            return None
        long_named = sys.modules.get(f"{HOME}.{package}")
        if long_named is None or sys.modules.get(package) is not long_named:
            return None
        return ModuleSpec(fullname, _Alias())


def _share(name: str) -> None:
    """Give a module and what is loaded below it their short names too.

    An import binds a new module in its package. Where the package has bound a function of that name, as
    `metrics.compute` is, a second import would take its place: these are entered before anybody asks.
    """
    full = f"{HOME}.{name}"
    for loaded, module in list(sys.modules.items()):
        if loaded == full or loaded.startswith(f"{full}."):
            sys.modules[loaded.removeprefix(f"{HOME}.")] = module


def join(name: str) -> None:
    """Make a short name stand for the package inside ``df8k``; each package calls this first.

    Args:
        name: ``__name__`` of the package that is being imported: nothing happens under its full name. Under a
            short one the rest of its file runs once more, and what it binds is dropped.

    Raises:
        ImportError: another ``df8k`` hides ours.
    """
    if name not in SHORT_NAMES:
        return
    try:
        import_module(f"{HOME}.{name}")
    except ModuleNotFoundError as error:
        if error.name not in {HOME, f"{HOME}.{name}"}:
            raise
        hiding = getattr(sys.modules.get(HOME), "__file__", None) or HOME
        raise ImportError(
            f"{name!r} belongs to df8k, but {hiding} hides that package: run elsewhere, or take that "
            "path off PYTHONPATH / sys.path",
            name=name,
        ) from error
    if not any(isinstance(finder, _Submodules) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Submodules())
    _share(name)
