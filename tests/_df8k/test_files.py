"""Files are whole or absent."""

import stat

import pytest

from _df8k.files import atomic_file


def test_a_file_that_is_written_piecewise_is_whole_or_absent(tmp_path):
    target = tmp_path / "deep" / "model.onnx"
    with atomic_file(target) as file:
        file.write(b"old")

    def interrupted():
        with atomic_file(target) as file:
            file.write(b"new, half")
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power"):
        interrupted()
    assert target.read_bytes() == b"old"
    assert list(target.parent.iterdir()) == [target]


def test_others_may_read_what_is_written(tmp_path):
    ordinary = tmp_path / "ordinary"
    ordinary.write_bytes(b"")
    with atomic_file(tmp_path / "atomic") as file:
        file.write(b"x")
    assert stat.S_IMODE((tmp_path / "atomic").stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)
