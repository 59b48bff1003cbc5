"""How often, how fast and as whom servers are asked."""

import os
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Final

import httpx
import tenacity

_LONGEST_PAUSE_S: Final = 60.0
# Request timeout, too early, too many requests: the same request may succeed later.
_PASSING: Final = frozenset({408, 425, 429})


class PassingError(Exception):
    """A failure that another attempt may mend; ``pause_s`` is the pause that the server asked for."""

    def __init__(self, message: str, pause_s: float = 0.0) -> None:
        super().__init__(message)
        self.pause_s = pause_s


@dataclass(frozen=True)
class Patience:
    """How long to try.

    Attributes:
        attempts: per mirror.
        pause_s: before the second attempt; doubles with each further one.
        timeout_s: silence of a server that counts as a failure.
    """

    attempts: int = 5
    pause_s: float = 1.0
    timeout_s: float = 30.0

    def retrying(self) -> tenacity.Retrying:
        """Attempts with growing pauses, at least as long as the server asks for, at most a minute."""

        def pause(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = error.pause_s if isinstance(error, PassingError) else 0.0
            grown = self.pause_s * 2.0 ** (state.attempt_number - 1)
            return float(min(_LONGEST_PAUSE_S, max(asked, grown)))

        return tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.attempts),
            wait=pause,
            retry=tenacity.retry_if_exception(_passes),
            reraise=True,
        )


def _passes(error: BaseException) -> bool:
    lasting = isinstance(error, httpx.UnsupportedProtocol)
    return isinstance(error, (PassingError, httpx.TransportError)) and not lasting


class Turns:
    """One request at a time, and none sooner than ``interval_s`` after the one before it."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s, self._lock, self._next = interval_s, threading.Lock(), 0.0

    def __enter__(self) -> None:
        self._lock.acquire()
        time.sleep(max(0.0, self._next - time.monotonic()))
        self._next = time.monotonic() + self._interval_s

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def user_agent() -> str:
    """Who asks; ``DF8K_CONTACT``, a mail address say, lets operators write before they block."""
    contact = os.environ.get("DF8K_CONTACT", "")
    known = "".join(f"; {contact}" if contact.isascii() and contact.isprintable() and contact else "")
    return f"df8k/{version('df8k')} (dataset builder; https://pypi.org/project/df8k{known})"


def check_status(reply: httpx.Response) -> None:
    """Tell failures that pass from those that stay.

    Raises:
        PassingError: the server is busy or broken.
        httpx.HTTPStatusError: it refuses.
    """
    if reply.status_code in _PASSING or reply.is_server_error:
        raise PassingError(f"HTTP {reply.status_code}", retry_after_s(reply))
    reply.raise_for_status()


def describe(error: Exception) -> str:
    """A failure of a request in a few words."""
    if isinstance(error, httpx.HTTPStatusError):
        return f"HTTP {error.response.status_code}"
    return " ".join(str(error).split()) or type(error).__name__


def retry_after_s(reply: httpx.Response) -> float:
    """Pause that a reply asks for, in seconds; 0 when it asks for none."""
    stated = reply.headers.get("retry-after", "")
    if stated.isdigit():
        return float(stated)
    try:
        date = parsedate_to_datetime(stated)
    except ValueError:
        return 0.0
    return max(0.0, (date.astimezone(UTC) - datetime.now(UTC)).total_seconds())
