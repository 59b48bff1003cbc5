"""The board as text: Markdown, LaTeX, CSV and JSON."""

import csv
import io
import json
import re
from collections.abc import Callable, Sequence

from .board import Column, Entry, columns, flat, value

_HEAD = ("size", "#", "method")
_TAIL = ("median, ms", "p90, ms", "memory, MB", "n", "failed")


def header(shown: Sequence[Column]) -> list[str]:
    """Column headings of the text tables."""
    return [*_HEAD, *(column.heading for column in shown), *_TAIL]


def cells(entry: Entry, shown: Sequence[Column]) -> list[str]:
    """Cells of one row, in the order of `header`; what was not measured is a dash."""
    part, latency = entry.part, entry.part.latency
    found = [value(entry, column.key) for column in shown]
    return [
        str(entry.size),
        "–" if entry.rank is None else str(entry.rank),
        entry.result.method.name,
        *("–" if mean is None else column.text(mean) for column, mean in zip(shown, found, strict=True)),
        "–" if latency is None else _milliseconds(latency.median_s),
        "–" if latency is None else _milliseconds(latency.p90_s),
        "–" if part.peak_memory_bytes is None else f"{part.peak_memory_bytes / 1e6:.0f}",
        str(part.n),
        str(sum(part.failures.values())),
    ]


def _milliseconds(seconds: float) -> str:
    value = seconds * 1e3
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def best(entries: Sequence[Entry], shown: Sequence[Column]) -> set[tuple[int, str]]:
    """Cells to set in bold: ``(index of the entry, metric key)`` of the best value of each size."""
    marked = set()
    for column in shown:
        if column.higher_is_better is None:
            continue
        for size in {entry.size for entry in entries}:
            found = {
                index: mean
                for index, entry in enumerate(entries)
                if entry.size == size and (mean := value(entry, column.key)) is not None
            }
            if found:
                top = (max if column.higher_is_better else min)(found.values())
                marked |= {(index, column.key) for index, mean in found.items() if mean == top}
    return marked


def markdown(entries: Sequence[Entry]) -> str:
    """A GitHub-flavoured table, the best mean of each size in bold."""
    shown = columns(entries)
    head = header(shown)
    lines = [_markdown_row(head), "|---:|---:|---|" + "---:|" * (len(head) - 3)]
    lines += [_markdown_row(row) for row in _marked(entries, shown, _markdown_cell, "**{}**")]
    return "\n".join([*lines, "", note(entries), ""])


def latex(entries: Sequence[Entry]) -> str:
    """A booktabs table, the best mean of each size in bold."""
    shown = columns(entries)
    head = header(shown)
    body, previous = [], None
    for entry, row in zip(entries, _marked(entries, shown, _latex_cell, r"\textbf{{{}}}"), strict=True):
        if previous not in {None, entry.size}:
            body.append(r"\midrule")
        previous = entry.size
        body.append(" & ".join(row) + r" \\")
    return "\n".join(
        [
            f"% {note(entries)}",
            rf"\begin{{tabular}}{{rrl{'r' * (len(head) - 3)}}}",
            r"\toprule",
            " & ".join(map(_latex_cell, head)) + r" \\",
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            "",
        ]
    )


def comma_separated(entries: Sequence[Entry]) -> str:
    """Every figure at full precision, one record per entry."""
    records = [flat(entry) for entry in entries]
    fields = list(dict.fromkeys(field for record in records for field in record))
    text = io.StringIO()
    writer = csv.DictWriter(text, fields, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows({key: _spreadsheet_safe(value) for key, value in record.items()} for record in records)
    return text.getvalue()


def as_json(entries: Sequence[Entry]) -> str:
    """Every figure at full precision, as a list of objects."""
    return (
        json.dumps([flat(entry) for entry in entries], indent=2, allow_nan=False, ensure_ascii=False) + "\n"
    )


def remarks(entry: Entry) -> list[str]:
    """Failures, left-out images, unavailable metrics and doubtful values, one line each."""
    result, part = entry.result, entry.part
    at = f"{result.method.name} at size {entry.size}"
    lines = []
    if part.failures:
        lines.append(f"{at}: " + ", ".join(f"{count} {kind}" for kind, count in part.failures.items()))
    if part.left_out:
        lines.append(f"size {entry.size}: {part.left_out} images are smaller and were left out")
    for name, found in part.distributions.items():
        lines += [f"{at}: {name}: {flag}" for flag in found.flags]
    return lines + [f"{name} is unavailable: {reason}" for name, reason in result.unavailable.items()]


def note(entries: Sequence[Entry]) -> str:
    """What the numbers are, in one line."""
    datasets = {f"{e.result.dataset.name} {e.result.dataset.version}" for e in entries}
    machines = {
        f"{e.result.environment.gpu or e.result.environment.cpu}, {e.result.environment.threads} threads"
        for e in entries
    }
    return _one_line(
        f"Measured by df8k {', '.join(sorted({e.result.df8k_version for e in entries}))} on "
        f"{', '.join(sorted(datasets))}; {'; '.join(sorted(machines))}. Ranked by mean L1 in the hole."
    )


def _marked(
    entries: Sequence[Entry], shown: Sequence[Column], escape: Callable[[str], str], bold: str
) -> list[list[str]]:
    marked = best(entries, shown)
    keys = [None] * len(_HEAD) + [column.key for column in shown] + [None] * len(_TAIL)
    return [
        [
            bold.format(escape(cell)) if (index, key) in marked else escape(cell)
            for key, cell in zip(keys, cells(entry, shown), strict=True)
        ]
        for index, entry in enumerate(entries)
    ]


def _markdown_row(row: Sequence[str]) -> str:
    return "| " + " | ".join(row) + " |"


def _markdown_cell(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>|&#!])", r"\\\1", _one_line(text))


_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "–": "--",
    **{char: rf"\{char}" for char in "&%$#_{}"},
}


def _latex_cell(text: str) -> str:
    return "".join(_LATEX.get(char, char) for char in _one_line(text))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _spreadsheet_safe(value: object) -> object:
    """Text that a spreadsheet would run as a formula is quoted; method names come from strangers."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t"} else value
