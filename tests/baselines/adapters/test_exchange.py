"""Folders for commands: private, gone with their owner, and with owners that were killed."""

import subprocess
import sys

from baselines.adapters.exchange import Exchange


def test_a_folder_goes_with_its_owner():
    exchange = Exchange()
    path = exchange.path
    assert path.stat().st_mode & 0o077 == 0
    (path / "image.png").write_bytes(b"x")
    del exchange
    assert not path.exists()


def test_what_a_killed_owner_left_is_removed_and_nothing_else():
    code = (
        "import os; from baselines.adapters.exchange import Exchange; e = Exchange();"
        "(e.path / 'image.png').write_bytes(b'x'); print(e.path, flush=True); os.kill(os.getpid(), 9)"
    )
    living = Exchange()
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    left = living.path.parent / done.stdout.strip().rpartition("/")[2]
    assert left.parent == living.path.parent
    assert (left / "image.png").exists()
    another = Exchange()
    assert not left.exists()
    assert living.path.exists()
    another.close()
    assert not another.path.exists()
