"""Plain text of the HTML that wikis give for names."""

import re
from html.parser import HTMLParser
from typing import Final

# What begins a line of its own: neighbours are different persons or remarks.
_BLOCKS: Final = frozenset(
    ("address", "br", "dd", "div", "dl", "dt", "li", "ol", "p", "table", "td", "th", "tr", "ul")
)
_UNSEEN: Final = frozenset(("style", "script", "template", "head", "title"))
_VOID: Final = frozenset(("area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"))
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def plain_text(markup: str) -> str:
    """Take what a reader sees of HTML, on one line.

    Items of lists, paragraphs and lines are separated by commas, repeated ones are told once; styles, scripts
    and hidden elements are left out.
    """
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    lines = (" ".join(line.split()).strip(" ,;") for line in reader.lines)
    return ", ".join(dict.fromkeys(line for line in lines if line))


class _Reader(HTMLParser):
    """Collects the lines that are seen."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines = [""]
        self._open: list[tuple[str, bool]] = []  # elements, and whether they hide what they hold

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.lines.append("")
        if tag in _VOID:
            return
        stated = dict(attrs)
        unseen = tag in _UNSEEN or "hidden" in stated or bool(_HIDDEN.search(stated.get("style") or ""))
        self._open.append((tag, unseen))

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.lines.append("")
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index][0] == tag:
                del self._open[index:]
                break

    def handle_data(self, data: str) -> None:
        if not any(unseen for _, unseen in self._open):
            self.lines[-1] += data
