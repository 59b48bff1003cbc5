"""Address of this machine in the local network, as text and as a QR code."""

import io
import socket
from typing import Final

import segno

# Of a network for documentation: the system chooses a way there, and nothing is sent.
_ELSEWHERE: Final = ("192.0.2.1", 9)


def lan_address() -> str | None:
    """Find the address that other devices reach this machine by; ``None`` without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(_ELSEWHERE)
        except OSError:
            return None
        address: str = way.getsockname()[0]
    return address


def qr_code(text: str) -> str:
    """Draw a QR code for a terminal, two rows of it to a line."""
    drawing = io.StringIO()
    segno.make(text).terminal(drawing, border=2, compact=True)
    return drawing.getvalue()
