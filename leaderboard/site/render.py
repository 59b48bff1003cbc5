"""Render templates into pages that run no script but their own. Every text from a result is escaped."""

import re
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from df8k.leaderboard.results.schema import Result

from .facts import SiteFacts
from .style import REAL_TIME_MS
from .tables.grid import one_line

_STYLES: Final = ("tokens", "style", "plot")


def render(template: str, root: str, facts: SiteFacts, *, scripts: Sequence[str] = (), **context: Any) -> str:
    """Render a page; only this package's own script and style may run on it.

    Args:
        template: its name.
        root: relative link to the folder of ``index.html``.
        facts: what head and foot of every page say.
        scripts: names of the page's scripts, which share one scope, in this order.
        context: values that the template shows.
    """
    style, code = _style(), _script(tuple(scripts))
    return (
        _environment()
        .get_template(template)
        .render(
            root=root,
            facts=facts,
            links=facts.links,
            here=context.pop("here", ""),
            has_board=facts.has_board,
            mark=Markup(packaged_text("data/mark.svg")),  # noqa: S704 - a file of this package
            style=Markup(style),  # noqa: S704 - files of this package
            style_hash=digest(style),
            script=Markup(code),  # noqa: S704 - files of this package
            script_hash=digest(code),
            **context,
        )
    )


@cache
def _style() -> str:
    return "".join(packaged_text(f"styles/{name}.css") for name in _STYLES)


@cache
def _script(names: tuple[str, ...]) -> str:
    body = "\n".join(packaged_text(f"scripts/{name}.js") for name in names)
    return f'"use strict";\n(() => {{\n{body}\n}})();\n' if names else ""


def icon() -> str:
    """Draw the site's mark as a picture of its own: colours do not come from the page there."""
    shapes = packaged_text("data/mark.svg")
    style = ".sheet{fill:#1a1e23}.gap{fill:#fff;stroke:#b3261e;stroke-width:1.6}"
    dark = "@media (prefers-color-scheme:dark){.sheet{fill:#e6edf3}.gap{fill:#0d1117;stroke:#ff8a80}}"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
        f"<style>{style}{dark}</style>{shapes}</svg>\n"
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


def raw_stem(result: Result, results: Sequence[Result]) -> str:
    """Name the files of a raw result: after its method, and its sizes where the method has several results.

    Args:
        result: one of them.
        results: of the board.
    """
    stem = slug(result.method.name)
    if sum(other.method.name == result.method.name for other in results) == 1:
        return stem
    return "-".join([stem, *(str(part.size) for part in result.sizes)])


def slug(text: str) -> str:
    """Make a file name of a text from a result: readable, harmless, and different for every text."""
    if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", text):
        return text
    readable = re.sub(r"[^a-z0-9]+", "-", text.lower())[:24].strip("-")
    return f"{readable or 'x'}-{sha256(text.encode()).hexdigest()[:10]}"
