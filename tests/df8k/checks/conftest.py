"""A store of weights of its own: whatever this machine has must not matter."""

import pytest

from df8k.checks import persons


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("DF8K_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    (tmp_path / "weights").mkdir()
    persons.open_detector.cache_clear()
    yield tmp_path / "weights"
    persons.open_detector.cache_clear()
