"""The package of ST-LPIPS, and a store with its published weights."""

import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

from metrics.weights import ENTRIES, Store

NAME = "st-lpips-alex"


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    package = Path(find_spec("stlpips_pytorch").origin).parent.parent
    entry = next(entry for entry in ENTRIES if entry.name == NAME)
    (folder / entry.filename).symlink_to(package / entry.member)
    return Store(folder=folder, offline=True)


@pytest.fixture(scope="session")
def stlpips():
    """Build the package's network; it imports IPython and torchsummary, and hardly uses them."""
    with pytest.MonkeyPatch.context() as patch:
        for name, attribute in {"IPython": "embed", "torchsummary": "summary"}.items():
            module = ModuleType(name)
            setattr(module, attribute, None)
            patch.setitem(sys.modules, name, module)
        from stlpips_pytorch import stlpips

        yield stlpips.LPIPS(net="alex", variant="shift_tolerant", verbose=False)
