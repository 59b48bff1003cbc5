"""Render templates into pages that run no script but their own. Every text from a result is escaped."""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from .style import REAL_TIME_MS
from .tables.grid import one_line


def render(
    template: str,
    root: str,
    *,
    has_board: bool,
    has_latency: bool,
    script: str | None = None,
    **context: Any,
) -> str:
    """Render a page; only this package's own script and style may run on it.

    Args:
        template: its name.
        root: relative link to the folder of ``index.html``.
        has_board: whether the site has a board to link to.
        has_latency: whether it has a page of latency results.
        script: name of the page's script.
        context: values that the template shows.
    """
    style, code = packaged_text("templates/style.css"), packaged_text(f"templates/{script}") if script else ""
    return (
        _environment()
        .get_template(template)
        .render(
            root=root,
            has_board=has_board,
            has_latency=has_latency,
            style=Markup(style),  # noqa: S704 - a file of this package
            style_hash=digest(style),
            script=Markup(code),  # noqa: S704 - a file of this package
            script_hash=digest(code),
            **context,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("df8k.leaderboard.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"line": one_line, "slug": slug}
    environment.globals["real_time_ms"] = f"{REAL_TIME_MS:g}"
    return environment


def packaged_text(path: str) -> str:
    """Read a text file of this package.

    Args:
        path: below ``leaderboard/site``.
    """
    return files("df8k.leaderboard.site").joinpath(path).read_text(encoding="utf-8")


def digest(text: str) -> str:
    """Hash a style or script as a content security policy names it."""
    return b64encode(sha256(text.encode()).digest()).decode()


def slug(text: str) -> str:
    """Make a file name of a text from a result: readable, harmless, and different for every text."""
    if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", text):
        return text
    readable = re.sub(r"[^a-z0-9]+", "-", text.lower())[:24].strip("-")
    return f"{readable or 'x'}-{sha256(text.encode()).hexdigest()[:10]}"
