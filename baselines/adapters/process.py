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
from uuid import uuid4

from _df8k.bounded import parse_json
from df8k.baselines.base import MethodFailedError

from .isolation.descendants import kill_marked, new_mark, resident_bytes
from .isolation.replies import LINE_BYTES, Reply, cleaned, read_reply
from .isolation.sandbox import sandbox_environment, sandboxed
from .isolation.systems import check_system
from .settings import Limits

_LAST_WORDS: Final = 2000
_OUR_LINE_BYTES: Final = 64 * 2**20
_FAR_LOOKS: Final = 50
_LOG_BYTES: Final = 256 * 2**20
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
        readable: what of the file system it needs in a sandbox, beside the system's own.
        writable: folders that it may write to in a sandbox.
    """

    def __init__(
        self,
        command: list[str],
        limits: Limits,
        cwd: Path | None = None,
        *,
        fds: Sequence[int] = (),
        readable: Sequence[Path] = (),
        writable: Sequence[Path] = (),
    ) -> None:
        check_system()
        environment = _environment(cwd)
        if limits.sandbox:
            command = sandboxed(command, readable=readable, writable=writable, hidden=limits.hidden, cwd=cwd)
            environment = sandbox_environment()
        self._limits = limits
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._channel, theirs = socket.socketpair()
        # Kept from call to call: making one is part of what users would wait for.
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._channel, selectors.EVENT_READ)
        self._pending = b""
        self._mark, self._looks = new_mark(), 0
        self._last_words = ""
        try:
            self._process = subprocess.Popen(
                [word.replace("{channel}", str(theirs.fileno())) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                pass_fds=(theirs.fileno(), *fds),
                cwd=cwd,
                env=environment | {self._mark: "1"},
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

    def request(self, message: dict[str, Any], seconds: float) -> Reply:
        """Send a request, and wait for the answer to it and to no other.

        Args:
            message: JSON; a nonce goes with it, which the answer must name.
            seconds: that the answer may take.

        Raises:
            MethodFailedError: something came unasked, no answer came in time, another one's, one too long or
                none that can be read, the process ended, or it took more memory than allowed; it is ended
                then.
        """
        if self._pending or self._selector.select(0):
            if not self._pending and not self._read():
                raise self._crash()
            raise self._broken("the process said more than it was asked")
        nonce = uuid4().hex
        try:
            self._channel.sendall(json.dumps(message | {"nonce": nonce}).encode() + b"\n")
        except OSError as error:
            raise self._crash() from error
        try:
            reply = read_reply(self._line(seconds))
        except MethodFailedError:
            self.end()
            raise
        if reply.nonce != nonce:
            raise self._broken("the process answered another request than this one")
        return reply

    def answer(self, seconds: float) -> dict[str, Any]:
        """Wait for a JSON object of a process that this package wrote.

        Raises:
            MethodFailedError: as `request`.
        """
        line = self._line(seconds, _OUR_LINE_BYTES)
        message = parse_json(line, "the answer of the process", self._broken)
        if not isinstance(message, dict):
            raise self._broken("the answer of the process is no object")
        return message

    def _line(self, seconds: float, longest: int = LINE_BYTES) -> bytes:
        deadline = time.monotonic() + seconds
        while b"\n" not in self._pending:
            if len(self._pending) > longest:
                raise self._broken(f"the answer is longer than {longest} bytes")
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
        return line

    def _broken(self, finding: str) -> MethodFailedError:
        self.end()
        return MethodFailedError("error", finding)

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
        with suppress(ProcessLookupError, PermissionError):  # it is gone; macOS says so of one not waited for
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        kill_marked(self._mark)
        self._selector.close()
        if not self._log.closed:
            self._last_words = self._read_log()
            self._log.close()

    def _check_memory(self) -> None:
        # Looking for what left its session reads every process of the machine: now and then is enough.
        self._looks += 1
        far = self._looks % _FAR_LOOKS == 0
        used = resident_bytes(self._process.pid, self._mark if far else None)
        if not self._log.closed and os.fstat(self._log.fileno()).st_size > _LOG_BYTES:
            raise self._broken(f"the method printed more than {_LOG_BYTES >> 20} MiB")
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
        return cleaned(lines[-1]) if lines else "it said nothing"


def _environment(cwd: Path | None) -> dict[str, str]:
    """Copy the environment without what tells a foreign method where it was called from."""
    environment = {name: value for name, value in os.environ.items() if name not in _PLACES}
    if cwd is not None:
        environment["PWD"] = str(cwd)
    return environment
