"""Contact sheets for people: what was kept, what was rejected and why, and what is uncertain."""

import json
from base64 import b64encode
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from itertools import repeat
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from _df8k.files import write_text
from df8k.curation.decisions import Decision

# About 5 MB of thumbnails: a browser opens it at once.
_PER_PAGE: Final = 400
_SHEETS: Final = ("uncertain", "rejected", "kept")


def write_review(folder: Path, decisions: Sequence[Decision], thumbnails: Path, dataset: str) -> None:
    """Write ``uncertain``, ``rejected`` and ``kept`` pages, each a file that needs no other.

    Every page sorts by any score; a person marks images with the keyboard and saves ``keep.txt`` and
    ``drop.txt``, which ``df8k build`` takes.

    Args:
        folder: of the pages.
        decisions: every candidate's.
        thumbnails: folder with ``SHA256_OF_SOURCE.jpg``; images without one are shown empty.
        dataset: names the marks in the browser's store; a fingerprint.
    """
    sheets: dict[str, list[Decision]] = {name: [] for name in _SHEETS}
    for decision in sorted(decisions, key=lambda item: (item.candidate.source, item.candidate.key)):
        if decision.doubt:
            sheets["uncertain"].append(decision)
        if decision.verdict != "unused" and decision.source_sha256:  # nothing to see of what never came
            sheets["kept" if decision.kept else "rejected"].append(decision)
    pages = [
        (
            f"{name} {start // _PER_PAGE + 1}",
            f"{name}-{start // _PER_PAGE + 1}.html",
            rows[start : start + _PER_PAGE],
        )
        for name, rows in sheets.items()
        for start in range(0, len(rows), _PER_PAGE)
    ]
    template = files("df8k").joinpath("templates", "review.html").read_text(encoding="utf-8")
    environment = Environment(undefined=StrictUndefined, autoescape=True)
    for title, file, rows in pages:
        text = environment.from_string(template).render(
            title=f"{title}: {len(rows)} pictures",
            pages=[(name, target) for name, target, _ in pages],
            data=_json(_rows(rows, thumbnails)),
            dataset=_json(dataset),
        )
        write_text(folder / file, text)


def _json(value: Any) -> Markup:
    """Write JSON that cannot end the script element it stands in."""
    text = json.dumps(value, ensure_ascii=True)
    return Markup(text.replace("<", r"\u003c").replace("&", r"\u0026"))  # noqa: S704 - escaped in this line


def _rows(decisions: Sequence[Decision], thumbnails: Path) -> list[dict[str, Any]]:
    """Read several thumbnails at a time: a store takes its while for any of them."""
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(_row, decisions, repeat(thumbnails)))


def _row(decision: Decision, thumbnails: Path) -> dict[str, Any]:
    record = decision.record
    path = thumbnails / f"{decision.source_sha256}.jpg"
    return {
        "id": decision.id,
        "name": f"{decision.candidate.source}: {decision.candidate.key}",
        "reason": decision.reason,
        "detail": decision.detail or decision.doubt,
        "size": f"{record.width} × {record.height}" if record and record.width else "",
        "scores": dict(record.scores) if record else {},
        "image": b64encode(path.read_bytes()).decode() if path.exists() else "",
    }
