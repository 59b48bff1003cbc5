"""Catalogue of presets. A new preset is a file in ``masks/presets`` and a line in ``_MODULES``.

A preset is never changed: an improved one gets the next version, and the older one stays under its full name
``name-vN``.
"""

from importlib import import_module
from typing import Final

from _df8k.hints import unknown_name

from .errors import MaskError
from .preset import Preset

ALIASES: Final = {"df8k": "band-30-50", "df8k-small": "blobs"}

# Modules of masks.presets, in the order of every list.
_MODULES: Final = (
    "band",
    "blobs",
    "lama",
    "deepfill",
    "comod",
    "hifill",
    "ratio",
    "object",
    "box",
    "outpaint",
    "scratch",
    "text",
)


def _catalogue() -> dict[str, Preset]:
    presets: list[Preset] = []
    for name in _MODULES:
        presets += import_module(f"df8k.masks.presets.{name}").PRESETS
    catalogue = {preset.full_name: preset for preset in presets}
    if len(catalogue) != len(presets):
        raise RuntimeError("two presets have the same name and version")
    return catalogue


PRESETS: Final = _catalogue()


def find_preset(name: str) -> Preset:
    """Look a preset up: the newest version of a name, a version given in full, or an alias.

    Raises:
        MaskError: there is none; close names are suggested.
    """
    name = ALIASES.get(name, name)
    if name in PRESETS:
        return PRESETS[name]
    versions = [preset for preset in PRESETS.values() if preset.name == name]
    if versions:
        return max(versions, key=lambda preset: preset.version)
    known = sorted({preset.name for preset in PRESETS.values()} | set(ALIASES))
    raise MaskError(unknown_name("mask preset", name, known))


def preset_names() -> list[str]:
    """List the names of all presets in their newest version, in the order of the catalogue."""
    return list(dict.fromkeys(preset.name for preset in PRESETS.values()))
