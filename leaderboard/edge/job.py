"""One session that a browser is asked for: what it gets over http, and what it sends back."""

import json
import queue
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from df8k.leaderboard.latency.plan import Plan
from df8k.leaderboard.latency.process import StagedInput

from .server import Handler

# Around the rest after a call, and around the counted runs.
MARKS: Final = ("rest", "rested", "begin", "end")
_PREFIX: Final = "/job/"


@dataclass
class Job:
    """Session for the page ``measure.html``.

    Attributes:
        plan: how often.
        inputs: raw pictures and masks.
        threads: most that the page may use.
        mark: called with each of `MARKS`, while the page waits.
        filled: RGBA bytes of each filled picture, by number.
        messages: every message's name, and the report.
        began: when the page asked for the plan, by `time.perf_counter`.
    """

    plan: Plan
    inputs: Sequence[StagedInput]
    threads: int
    mark: Callable[[str], None]
    filled: dict[int, bytes] = field(default_factory=dict)
    messages: "queue.Queue[tuple[str, Mapping[str, Any]]]" = field(default_factory=queue.Queue)
    began: float | None = None

    def answer(self, name: str) -> bytes | None:
        """Give a file of the job; ``None`` where there is none of that name."""
        if name == "plan.json":
            self.began = time.perf_counter()
            pictures = [{"height": item["shape"][0], "width": item["shape"][1]} for item in self.inputs]
            asked = {"plan": asdict(self.plan), "threads": self.threads, "pictures": pictures}
            return json.dumps(asked).encode()
        kind, _, number = name.partition("/")
        if kind not in {"image", "mask"} or not number.isdigit() or int(number) >= len(self.inputs):
            return None
        staged = self.inputs[int(number)]
        return Path(staged["image"] if kind == "image" else staged["mask"]).read_bytes()

    def receive(self, name: str, body: bytes) -> bool:
        """Take a message; false where none is called so."""
        kind, _, number = name.partition("/")
        if kind == "filled" and number.isdigit() and int(number) < len(self.inputs):
            self.filled[int(number)] = body
        elif name in MARKS:
            self.mark(name)
        elif name not in {"alive", "report"}:
            return False
        self.messages.put((kind, json.loads(body) if name == "report" else {}))
        return True


class JobHandler(Handler):
    """Handler of the page's files and of one job."""

    def __init__(self, *arguments: Any, job: Job, **options: Any) -> None:
        self._job = job
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:  # noqa: N802 - the base's name
        """Answer with a file of the job, or of the page."""
        if not self.path.startswith(_PREFIX):
            super().do_GET()
            return
        body = self._job.answer(self.path.removeprefix(_PREFIX))
        self._reply(HTTPStatus.NOT_FOUND if body is None else HTTPStatus.OK, body or b"")

    def do_POST(self) -> None:  # noqa: N802 - the base's name
        """Take a message of the job."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        known = self.path.startswith(_PREFIX) and self._job.receive(self.path.removeprefix(_PREFIX), body)
        self._reply(HTTPStatus.NO_CONTENT if known else HTTPStatus.NOT_FOUND, b"")

    def _reply(self, status: HTTPStatus, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
