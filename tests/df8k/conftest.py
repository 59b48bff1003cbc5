"""A folder of small pictures, rendered once, with every kind of candidate that a build meets."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from df8k.scenes import KINDS, render

SIDE = 96


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eighteen distinct pictures, two exact duplicates under other names, a small, a fake, a cut one."""
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "deeper").mkdir()
    for index in range(18):
        kind = list(KINDS)[index % len(KINDS)]
        width, height = (SIDE + 8 * index, SIDE) if index % 2 else (SIDE, SIDE + 5 * index)
        name = f"deeper/{kind}-{index}.png" if index % 3 == 0 else f"{kind}-{index}.png"
        Image.fromarray(render(kind, width, height, str(index))).save(folder / name)
    first = Image.open(folder / "deeper/facade-0.png")
    first.save(folder / "zz-same-pixels.tiff")
    (folder / "aa-same-bytes.png").write_bytes((folder / "deeper/facade-0.png").read_bytes())
    Image.fromarray(render("tiles", 40, 200, "small")).save(folder / "small.png")
    (folder / "fake.jpg").write_text("<html><body>not found</body></html>")
    whole = (folder / "fence-1.png").read_bytes()
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "notes.txt").write_text("no candidate")
    (folder / "CREDITS.csv").write_text(
        "file,author,license,source\nfence-1.png,Ada,CC0-1.0,https://example.org/1\n"
    )
    return folder


@pytest.fixture
def gradient() -> np.ndarray:
    """A picture whose four corners differ, so that any wrong turn shows."""
    y, x = np.mgrid[0:20, 0:30]
    return np.stack([x * 8, y * 12, (x + y) * 5], axis=2).astype(np.uint8)


def _beside(name: str):
    """A module of this folder, which is no package."""
    spec = spec_from_file_location(f"df8k_tests_{name}", Path(__file__).with_name(f"{name}.py"))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def serving():
    """`server.serving`: a context that serves files on the loopback interface and misbehaves on demand."""
    return _beside("server").serving


@pytest.fixture(scope="session")
def commons_wiki():
    """The module `wiki`: MediaWiki's API on the loopback interface."""
    return _beside("wiki")


@pytest.fixture
def hub(serving):
    """`hub.Hub`: a hub on the loopback interface, without repositories."""
    with serving({}) as server:
        yield _beside("hub").Hub(server)


@pytest.fixture(scope="session")
def seaweed():
    """The module `weed`: an S3-compatible store on the loopback interface."""
    return _beside("weed")


@pytest.fixture(scope="session")
def gates_module():
    """The module `gates`: photographs whose examination a test holds."""
    return _beside("gates")
