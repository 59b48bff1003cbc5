"""Process of a foreign method: asked, watched, and ended when it hangs or eats the memory."""

import json
import os
import selectors
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psutil

from baselines.base import MethodFailedError

from .settings import Limits

_LAST_WORDS: Final = 2000
_GOODBYE_S: Final = 5.0  # a process that hung up may still be flushing, joining and exiting
_PLACES: Final = frozenset({"PWD", "OLDPWD", "_"})


class WatchedProcess:
    """Child process with a private channel for requests and answers.

    Its standard input is empty and what it prints goes to a log: both belong to the program.

    Args:
        command: program and arguments; ``{channel}`` in an argument becomes the number of the file descriptor
            that requests come from and answers go to.
        limits: bounds of each answer.
        cwd: working directory.
        fds: file descriptors that the process inherits.
    """

    def __init__(
        self,
        command: list[str],
        limits: Limits,
        cwd: Path | None = None,
        *,
        fds: Sequence[int] = (),
    ) -> None:
        self._limits = limits
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._channel, theirs = socket.socketpair()
        # Kept from call to call: making one is part of what users would wait for.
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._channel, selectors.EVENT_READ)
        self._pending = b""
        self._last_words = ""
        try:
            self._process = subprocess.Popen(
                [word.replace("{channel}", str(theirs.fileno())) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                pass_fds=(theirs.fileno(), *fds),
                cwd=cwd,
                env=_environment(cwd),
                start_new_session=True,
            )
        except OSError as error:
            self._selector.close()
            self._channel.close()
            self._log.close()
            raise MethodFailedError("error", f"{command[0]} cannot be started: {error.strerror}") from error
        finally:
            theirs.close()
        self.peak_bytes = 0

    def ask(self, message: dict[str, Any]) -> None:
        """Send a JSON line.

        Raises:
            MethodFailedError: the process is gone.
        """
        try:
            self._channel.sendall(json.dumps(message).encode() + b"\n")
        except OSError as error:
            raise self._crash() from error

    def answer(self, seconds: float) -> dict[str, Any]:
        """Wait for a JSON line.

        Raises:
            MethodFailedError: none came in time, the process ended, or it took more memory than allowed; it
                is ended then.
        """
        deadline = time.monotonic() + seconds
        while b"\n" not in self._pending:
            if self._selector.select(self._limits.poll_s):
                block = self._read()
                if not block:
                    raise self._crash()
                self._pending += block
                continue
            # Looking at memory takes longer than many an answer, so only those who dawdle are watched.
            self._check_memory()
            if time.monotonic() > deadline:
                self.end()
                raise MethodFailedError("timeout", f"no answer within {seconds:g} s")
        line, _, self._pending = self._pending.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message

    def wait(self, seconds: float) -> None:
        """Wait for the process to end by itself.

        Raises:
            MethodFailedError: it does not in time, takes too much memory, or ends with another code than 0.
        """
        deadline = time.monotonic() + seconds
        while self._process.poll() is None:
            self._check_memory()
            if time.monotonic() > deadline:
                self.end()
                raise MethodFailedError("timeout", f"did not end within {seconds:g} s")
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(self._limits.poll_s)
        if self._process.returncode != 0:
            raise self._crash()
        self.end()

    def end(self, goodbye_s: float = 0.0) -> None:
        """End the process and everything that it started.

        Args:
            goodbye_s: seconds that it gets to end by itself, as a program does whose input is at its end; it
                is killed then.
        """
        self._channel.close()
        if goodbye_s:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(goodbye_s)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._selector.close()
        if not self._log.closed:
            self._last_words = self._read_log()
            self._log.close()

    def _check_memory(self) -> None:
        try:
            process = psutil.Process(self._process.pid)
            used = process.memory_info().rss
            used += sum(child.memory_info().rss for child in process.children(recursive=True))
        except psutil.Error:
            return  # it is ending; the channel tells
        self.peak_bytes = max(self.peak_bytes, used)
        if self._limits.memory_bytes is not None and used > self._limits.memory_bytes:
            self.end()
            allowed = self._limits.memory_bytes / 2**30
            raise MethodFailedError(
                "out-of-memory", f"took {used / 2**30:.1f} GiB, {allowed:.1f} GiB allowed"
            )

    def _read(self) -> bytes:
        """Read what is there; nothing when the other end is closed."""
        try:
            return self._channel.recv(65536)
        except ConnectionResetError:  # it ended with requests unread
            return b""

    def _crash(self) -> MethodFailedError:
        """Say how the process ended, which closed its end of the channel."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GOODBYE_S)
        hung_up = self._process.poll() is None
        self.end()
        if hung_up:
            fault = f"the process closed its channel and did not end within {_GOODBYE_S:g} s"
            return MethodFailedError("crash", f"{fault}: {self._last_words}")
        code = self._process.returncode
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        if code == -signal.SIGKILL:
            how += ", which the system sends when memory runs out"
        return MethodFailedError("crash", f"the process ended with {how}: {self._last_words}")

    def _read_log(self) -> str:
        """Read the last line that the process printed."""
        self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, self._log.tell() - _LAST_WORDS))
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"


def _environment(cwd: Path | None) -> dict[str, str]:
    """Copy the environment without what tells a foreign method where it was called from."""
    environment = {name: value for name, value in os.environ.items() if name not in _PLACES}
    if cwd is not None:
        environment["PWD"] = str(cwd)
    return environment
