"""Serve the page with the headers that let a browser use threads."""

import ssl
import sys
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

_HEADERS: Final = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
_TYPES: Final = {
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    # Not an encoding: the page unpacks it itself, wherever it is served from.
    ".gz": "application/gzip",
    ".onnx": "application/octet-stream",
    ".safetensors": "application/octet-stream",
    ".txt": "text/plain; charset=utf-8",
}


class Handler(SimpleHTTPRequestHandler):
    """Handler of one folder's files.

    Attributes:
        isolated: whether pages may use threads.
    """

    extensions_map = SimpleHTTPRequestHandler.extensions_map | _TYPES
    protocol_version = "HTTP/1.1"
    isolated = True

    def end_headers(self) -> None:
        """Add the headers to every answer."""
        for name, value in _HEADERS.items():
            if self.isolated or not name.startswith("Cross-Origin-"):
                self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Write nothing."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report what is no reader's doing: browsers drop connections whenever they like."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def make_server(
    folder: Path,
    host: str,
    port: int,
    *,
    handler: Callable[..., Handler] = Handler,
    certificate: Path | None = None,
    key: Path | None = None,
) -> ThreadingHTTPServer:
    """Open a server of a folder; ``serve_forever`` runs it.

    Args:
        folder: with the page.
        host: address to listen at; an empty one stands for all of this machine's.
        port: 0 for any that is free.
        handler: answers requests.
        certificate: PEM file, for https; other machines' browsers give threads to https alone.
        key: its PEM file, where the certificate does not hold it.

    Raises:
        OSError: the port is taken, or a PEM file cannot be read.
    """
    server = _Server((host, port), partial(handler, directory=str(folder)))
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    return server
