"""Fixtures that every part of the suite shares."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the real photographs; skips when it is absent, fails where CI requires it."""
    folder = Path(os.environ.get("DF8K_SHARED", ROOT.parent / "shared")).resolve()
    if not (folder / "photos").is_dir():
        message = f"{folder / 'photos'} is absent: set DF8K_SHARED to the folder that holds photos/"
        if os.environ.get("DF8K_REQUIRE_SHARED"):
            pytest.fail(message)
        pytest.skip(message)
    return folder
