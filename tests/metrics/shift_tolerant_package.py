"""The package of ST-LPIPS: its network, and a store with the weights that it publishes."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

from metrics.weights import ENTRIES, Store


def published_store(folder):
    """Make a store with the files of the installed package, pinned as published."""
    package = Path(find_spec("stlpips_pytorch").origin).parent.parent
    for entry in ENTRIES:
        if entry.name in ("st-lpips-alex", "st-lpips-vgg"):
            (folder / entry.filename).symlink_to(package / entry.member)
    return Store(folder=folder, offline=True)


@contextmanager
def imported() -> Iterator[ModuleType]:
    """Import the package without IPython and torchsummary, which it imports and hardly uses."""
    with pytest.MonkeyPatch.context() as patch:
        for name, attribute in {"IPython": "embed", "torchsummary": "summary"}.items():
            module = ModuleType(name)
            setattr(module, attribute, None)
            patch.setitem(sys.modules, name, module)
        from stlpips_pytorch import stlpips

        yield stlpips
