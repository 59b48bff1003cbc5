"""Files that are either whole or absent, whatever kills the process, and equal where what they hold is."""

import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def atomic_file(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write beside ``path``; on success it is flushed to the disk and renamed to ``path``.

    Raises:
        OSError: the folder cannot be written, or the disk is full; ``path`` is then as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not from tempfile, whose files nobody but their owner can read.
    temporary = path.with_name(f".{path.name}-{uuid.uuid4().hex}")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def ordered(data: bytes) -> bytes:
    """A safetensors file with its header in order: the library writes it in another order every time."""
    size = int.from_bytes(data[:8], "little")
    header = json.dumps(json.loads(data[8 : 8 + size]), sort_keys=True, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + data[8 + size :]
