"""Put the page together: the built files, the shipped weights, a version."""

import hashlib
import json
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Final

from _df8k.files import write_text
from df8k.baselines._registry import shipped_path

from .assets import APP, PRESETS
from .scenes import write_scenes

_WEIGHTS: Final = "weights.safetensors"
_VERSION: Final = "version.js"
# Kept from the first load on; everything else is kept when it is asked for.
_SHELL: Final = ("./", "page.js", "worker.js", "style.css", "icon.svg", _VERSION)


def write_app(folder: Path, *, home: str = "") -> None:
    """Write every file of the page; a server is all that it needs.

    Args:
        folder: new, or with an earlier page.
        home: address of the site's first page from here; empty without a site.

    Raises:
        OSError: a file cannot be written.
    """
    shutil.copytree(APP, folder, dirs_exist_ok=True)
    shutil.copyfile(shipped_path("rethined"), folder / _WEIGHTS)
    write_scenes(folder)
    facts = {
        "version": f"{version('df8k')}-{_digest(folder)}",
        "home": home,
        "presets": PRESETS,
        "shell": _SHELL,
    }
    # For the page and for its service worker, whose global scope is called self too.
    write_text(folder / _VERSION, f"self.DF8K = {json.dumps(facts)};\n")


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != _VERSION:
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]
