"""A file server on the loopback interface that misbehaves on purpose."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Status, headers, body.
Answer = tuple[int, dict[str, str], bytes]
_PIECE = 1 << 16


class Server:
    """Serves ``files``; ``moods[path]`` is a list of misbehaviours, one for each request, then it behaves.

    ``answer``, when set, is asked first: method, path, query and body → an answer, or ``None`` for the files.
    ``requests`` holds path and range of every GET.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files, self.moods = files, {}
        self.answer: Callable[[str, str, str, bytes], Answer | None] | None = None
        self.requests: list[tuple[str, str]] = []
        self.sent: Counter[str] = Counter()
        self.url = ""

    def mood(self, path: str) -> str:
        waiting = self.moods.get(path, [])
        return waiting.pop(0) if waiting else ""


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[Server]:
    state = Server(files)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Keep the test output clean."""

        def do_POST(self) -> None:
            self._answered()

        do_PUT = do_HEAD = do_POST  # noqa: N815 - the names that http.server looks for

        def _answered(self, *, cut: bool = False) -> bool:
            path, _, query = self.path.partition("?")
            body = self._sent()
            answer = state.answer(self.command, path, query, body) if state.answer else None
            if answer is None and self.command == "GET":
                return False
            status, headers, content = answer or (404, {}, b"")
            self._head(status, len(content), headers)
            if self.command != "HEAD":
                self._write(content[: len(content) // 3] if cut else content)
            self.close_connection = self.close_connection or cut
            return True

        def _sent(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = []
            while length := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(length))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            state.requests.append((path, self.headers.get("Range", "")))
            mood = state.mood(path)
            if not mood and self._answered():
                return
            if mood in {"403", "404", "429", "503"}:
                self._head(int(mood), 0, {"Retry-After": "0"})
            elif mood == "wait":
                self._head(429, 0, {"Retry-After": "1"})
            elif mood == "huge":
                self._head(200, 1 << 50, {})
                self.close_connection = True
            elif mood == "endless":
                self._endless()
            elif mood == "redirect":
                self._head(302, 0, {"Location": "/moved" + self.path})
                state.files["/moved" + self.path] = state.files[self.path]
            elif mood == "html":
                self._body(200, b"<html>sign in</html>", {"Content-Type": "text/html"})
            elif mood == "stall":
                self._head(200, 1000, {})
                time.sleep(1.5)
                self.close_connection = True
            elif self.path not in state.files:
                if not (mood == "truncate" and self._answered(cut=True)):
                    self._head(404, 0, {})
            else:
                self._file(state.files[self.path], mood)

        def _endless(self) -> None:
            self.send_response(200)
            self.end_headers()  # no length: the end of the connection would be the end of the file
            self.close_connection = True
            with suppress(ConnectionError):
                while True:
                    self._write(bytes(1 << 16))

        def _file(self, data: bytes, mood: str) -> None:
            etag = {"ETag": '"one"'}
            if mood == "wrong":
                data = bytes(len(data))
            start = 0
            span = self.headers.get("Range", "")
            if span and self.headers.get("If-Range") == '"one"' and mood != "no-range":
                start = int(span.removeprefix("bytes=").rstrip("-"))
            if mood == "slow":
                self._head(206 if start else 200, len(data) - start, etag)
                for offset in range(start, len(data), 1 + len(data) // 60):
                    self._write(data[offset : min(len(data), offset + 1 + len(data) // 60)])
                    time.sleep(0.05)
            elif mood == "truncate":
                self._head(206 if start else 200, len(data) - start, etag)
                self._write(data[start : start + len(data) // 3])
                self.close_connection = True
            elif mood == "short-length":
                self._body(200, data[: len(data) // 2], etag)
            else:
                self._body(206 if start else 200, data[start:], etag)

        def _body(self, status: int, data: bytes, headers: dict[str, str]) -> None:
            self._head(status, len(data), headers)
            self._write(data)

        def _write(self, data: bytes) -> None:
            # Counted first: the client may go on before this thread does.
            for start in range(0, len(data), _PIECE):
                piece = data[start : start + _PIECE]
                state.sent[self.path] += len(piece)
                self.wfile.write(piece)

        def _head(self, status: int, length: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(length))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
