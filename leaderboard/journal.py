"""Rows of an evaluation under way, one line each, so that a killed evaluation goes on."""

import json
import os
from pathlib import Path
from typing import Any

from .errors import LeaderboardError


class Journal:
    """An append-only file: a head that names the run, then one JSON object per finished image.

    A line that was cut off by a kill is dropped when the journal is opened again.
    """

    def __init__(self, path: Path, head: str) -> None:
        """Open or create the journal of the run that ``head`` names.

        Raises:
            LeaderboardError: the file belongs to another run.
        """
        self._path = path
        self.rows: list[dict[str, Any]] = []
        whole = 0
        if path.exists():
            lines = path.read_bytes().splitlines(keepends=True)
            complete = [line for line in lines if line.endswith(b"\n")]
            if complete and json.loads(complete[0]) != head:
                raise LeaderboardError(
                    f"{path} is the rest of an interrupted evaluation of something else "
                    "(another method, dataset, version or option): finish that one, delete the file, "
                    "or give another --out"
                )
            self.rows = [json.loads(line) for line in complete[1:]]
            whole = sum(map(len, complete))
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("r+b" if path.exists() else "w+b")
        self._file.truncate(whole)
        self._file.seek(whole)
        if not whole:
            self._append(head)

    def add(self, row: dict[str, Any]) -> None:
        """Append a row; it is on the disk when this returns."""
        self._append(row)
        self.rows.append(row)

    def close(self) -> None:
        """Close the file and keep it."""
        self._file.close()

    def remove(self) -> None:
        """Close and delete the file: its rows are stored elsewhere now."""
        self._file.close()
        self._path.unlink()

    def _append(self, value: object) -> None:
        self._file.write(json.dumps(value, allow_nan=False).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
