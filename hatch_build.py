"""Puts the packages into the wheel as ``df8k/masks`` and so on, and each under its short name as one file.

In a checkout ``df8k/masks`` is a link to ``masks``. A wheel holds no links, so the folders move to where the
links are. The short name gets the package's own ``__init__.py``, which hands over to ``df8k.masks``
(`_df8k.short_names`); an editable installation has both as they stand.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGES = ("masks", "metrics", "baselines", "leaderboard")


class Packages(BuildHookInterface):
    """Build hook that `pyproject.toml` names."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the packages to a wheel's files."""
        if version == "editable":
            self._check_links()
            return
        for name in PACKAGES:
            folder = Path(self.root, name)
            files = {str(folder): f"df8k/{name}"}
            files |= {str(folder / file): f"{name}/{file}" for file in ("__init__.py", "py.typed")}
            build_data["force_include"].update(files)

    def _check_links(self) -> None:
        """Refuse a checkout in which links have become files of text, as Windows makes them by default."""
        for name in PACKAGES:
            if not Path(self.root, "df8k", name).is_dir():
                raise RuntimeError(
                    f"df8k/{name} is no link to {name}: allow links (on Windows, developer mode) and "
                    "check out again: git config core.symlinks true && git checkout -- df8k"
                )
