"""Keep the rows of an evaluation under way, one line each, so that a killed evaluation goes on."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

from filelock import FileLock, Timeout

from _df8k.bounded import parse_json, read_limited, validated
from df8k.leaderboard.errors import LeaderboardError

from .field_changes import field_changes
from .schema import Provenance

_LISTED: Final = 3
_MAX_BYTES: Final = 256 * 2**20

# A row as the file holds it: images of the harness, sessions of the latency protocol.
JsonObject = dict[str, Any]


def journal_path(out: Path) -> Path:
    """Name the journal of the run that writes ``out``."""
    return out.with_suffix(".partial.jsonl")


class Journal:
    """Append-only file: a head that names the run, then a line per session and finished image.

    A line that a kill cut off is dropped when the journal is opened again. One process has it at a time.
    """

    def __init__(self, path: Path, head: Mapping[str, Any]) -> None:
        """Open or create the journal of the run that ``head`` names.

        Raises:
            LeaderboardError: the file belongs to another run, or another process is writing it.
        """
        self._path = path
        self.rows: list[JsonObject] = []
        self._sessions: list[Provenance] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(path.with_suffix(".lock"), timeout=0)
        try:
            self._lock.acquire()
        except Timeout:
            raise LeaderboardError(
                f"{path} is being written by another process: wait for it, or give another --out"
            ) from None
        except OSError as error:  # the lock is ours, its user knows the result
            result = path.with_name(path.name.replace(".partial.jsonl", ".json"))
            raise LeaderboardError(
                f"{result} cannot be written: {error.strerror}; give another --out"
            ) from error
        try:
            self._open(head)
        except BaseException:
            self._lock.release()
            raise

    def _open(self, head: Mapping[str, Any]) -> None:
        content = read_limited(self._path, LeaderboardError, limit=_MAX_BYTES) if self._path.exists() else b""
        known = content.splitlines(keepends=True)
        complete = [line for line in known if line.endswith(b"\n")]
        if complete:
            self._refuse_other(self._parsed(complete[0]), json.loads(json.dumps(head)))
        for line in map(self._parsed, complete[1:]):
            if not isinstance(line, dict):
                raise LeaderboardError(f"{self._path} is damaged: a line of it is no row; delete it")
            if "session" in line:
                self._sessions.append(
                    validated(Provenance, line["session"], str(self._path), LeaderboardError)
                )
            else:
                self.rows.append(line)
        whole = sum(map(len, complete))
        self._file = self._path.open("r+b" if self._path.exists() else "w+b")
        self._file.truncate(whole)
        self._file.seek(whole)
        if not whole:
            self._append(head)

    def _parsed(self, line: bytes) -> Any:
        return parse_json(line, str(self._path), LeaderboardError)

    def _refuse_other(self, stored: Any, head: Mapping[str, Any]) -> None:
        named = list(field_changes(stored, head)) if isinstance(stored, dict) else ["the version of df8k"]
        if named:
            rest = f" and {len(named) - _LISTED} more" if len(named) > _LISTED else ""
            raise LeaderboardError(
                f"{self._path} is the rest of an interrupted evaluation of something else; what changed: "
                f"{'; '.join(named[:_LISTED])}{rest}. Finish that one as it was, delete the file, or give "
                "another --out"
            )

    def session(self, now: Provenance) -> Provenance:
        """Note who goes on, and tell what the result as a whole comes from.

        Returns:
            ``now``; dirty where an earlier session ran other code.
        """
        earlier, self._sessions = self._sessions, [*self._sessions, now]
        self._append({"session": now.model_dump(mode="json")})
        same = all((past.commit, past.dirty) == (now.commit, now.dirty) for past in earlier)
        return now if same or now.commit is None else now.model_copy(update={"dirty": True})

    def add(self, row: Mapping[str, Any]) -> None:
        """Append a row; it is on the disk when this returns."""
        self._append(row)
        self.rows.append(dict(row))

    def remove(self) -> None:
        """Delete the file: its rows are stored elsewhere now."""
        self._path.unlink()
        self._path.with_suffix(".lock").unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file; unless it was removed, its rows stay."""
        self._file.close()
        self._lock.release()

    def _append(self, value: object) -> None:
        self._file.write(json.dumps(value, allow_nan=False).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
