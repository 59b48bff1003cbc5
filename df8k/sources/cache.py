"""Where fetched files stay."""

import os
from pathlib import Path

from platformdirs import user_cache_path


def cache_folder() -> Path:
    """Give the folder of fetched files: ``DF8K_CACHE``, or the user's cache folder."""
    stated = os.environ.get("DF8K_CACHE")
    return Path(stated) if stated else user_cache_path("df8k") / "sources"
