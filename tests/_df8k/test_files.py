"""Files are whole or absent."""

import stat

import pytest

from _df8k.files import (
    atomic_file,
    atomic_path,
    remove_folder,
    remove_temporaries,
    sha256_of,
    write_bytes,
)


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


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "deep" / "file.bin"
    write_bytes(target, b"old")

    def interrupted():
        with atomic_path(target) as temporary:
            temporary.write_bytes(b"new, half")
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power"):
        interrupted()
    assert target.read_bytes() == b"old"
    assert list(target.parent.iterdir()) == [target]


def test_what_a_killed_process_left_is_removed(tmp_path):
    write_bytes(tmp_path / "kept.png", b"x")
    (tmp_path / ".tmp-0123.png").write_bytes(b"half")
    remove_temporaries(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.png"]


def test_removing_a_folder_leaves_what_links_lead_to(tmp_path):
    precious = tmp_path / "precious"
    write_bytes(precious / "deep" / "photo.png", b"x")
    folder = tmp_path / "folder"
    write_bytes(folder / "sub" / "file", b"y")
    (folder / "sub" / "link").symlink_to(precious, target_is_directory=True)
    (folder / "photo.png").symlink_to(precious / "deep" / "photo.png")
    link = tmp_path / "link"
    link.symlink_to(precious, target_is_directory=True)
    remove_folder(folder)
    remove_folder(link)
    remove_folder(tmp_path / "absent")
    assert not folder.exists()
    assert (precious / "deep" / "photo.png").read_bytes() == b"x"


def test_hashing_reads_the_whole_file(tmp_path):
    path = tmp_path / "empty"
    path.write_bytes(b"")
    assert sha256_of(path) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
