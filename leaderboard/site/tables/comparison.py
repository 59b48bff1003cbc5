"""A comparison as tables, Markdown and JSON."""

from dataclasses import asdict
from typing import Any

from df8k.leaderboard.audit.compare import Comparison, Report, Standing
from df8k.leaderboard.site.columns import Column, column_of

from . import grid
from .grid import Cell, Grid

_HEAD = (
    "methods",
    "verdict",
    "difference",
    "interval",
    "standardised",
    "images",
    "better on",
    "p",
    "p adjusted",
)


def grids(report: Report) -> list[tuple[str, Grid]]:
    """Lay out the pairs of every size and group of images, then the methods with their ties, with titles."""
    titled = []
    for standing in report.standings:
        title = _title(standing)
        column = column_of(standing.metric)
        rows = [
            _row(comparison, column, report.level)
            for comparison in report.comparisons
            if (comparison.size, comparison.group) == (standing.size, standing.group)
        ]
        texts = frozenset({0, 1})
        titled.append((f"pairs, {title}", Grid(_HEAD, rows, texts, frozenset(), _reading(report, column))))
        if standing.ties:
            titled.append((f"methods, {title}", _standing_grid(standing, column, report.level)))
    return titled


def _title(standing: Standing) -> str:
    group = f", {standing.group}" if standing.group else ""
    return f"{standing.metric} at size {standing.size}{group}"


def _row(comparison: Comparison, column: Column, level: float) -> list[Cell]:
    paired = comparison.paired
    interval = "n too small"
    if paired.low is not None and paired.high is not None:
        interval = f"{_signed(column, paired.low)} … {_signed(column, paired.high)}"
    wins = _wins(comparison, column)
    texts = [
        f"{comparison.first} − {comparison.second}",
        verdict(comparison, level),
        _signed(column, paired.mean),
        interval,
        "–" if paired.standardised is None else f"{paired.standardised:+.2f}",
        str(paired.n),
        "–" if wins is None else f"{wins[0]} : {wins[1]}",
        _p(paired.p),
        _p(comparison.p),
    ]
    return [Cell(text) for text in texts]


def _wins(comparison: Comparison, column: Column) -> tuple[int, int] | None:
    """Count the images that each of the two does better on; ``None`` where neither direction is better."""
    if column.higher_is_better is None:
        return None
    above, below = comparison.paired.above, comparison.paired.below
    return (above, below) if column.higher_is_better else (below, above)


def _signed(column: Column, value: float) -> str:
    text = column.text(value)
    return text if text.startswith("-") else f"+{text}"


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def verdict(comparison: Comparison, level: float) -> str:
    """Put the outcome into words."""
    if not comparison.significant:
        return f"no significant difference at level {level:g}"
    return f"{comparison.better} is better" if comparison.better else "they differ"


def _standing_grid(standing: Standing, column: Column, level: float) -> Grid:
    """List the methods by mean; those that share a letter do not differ."""
    letters = {
        name: "".join(_letter(index) for index, names in enumerate(standing.ties) if name in names)
        for name in standing.means
    }
    rows = [
        [Cell(name), Cell(column.text(mean)), Cell(str(standing.images[name])), Cell(letters[name])]
        for name, mean in standing.means.items()
    ]
    header = ["method", f"mean {column.heading}", "images", "tied"]
    return Grid(header, rows, frozenset({0, 3}), frozenset(), _letters(level))


def _letter(index: int) -> str:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return letters[index] if index < len(letters) else f"({index + 1})"


def _reading(report: Report, column: Column) -> str:
    direction = {True: "higher is better", False: "lower is better", None: "neither direction is better"}
    return (
        f"{column.heading}, {direction[column.higher_is_better]}; mean difference on the images that both "
        f"have, with Student's interval of {100 * (1 - report.level):g} %."
    )


def notes(report: Report) -> list[str]:
    """List what a reader must know of the tables, one line each."""
    lines = [_reading(report, column_of(report.standings[0].metric)), _correction(report)]
    if any(standing.ties for standing in report.standings):
        lines.append(_letters(report.level))
    return lines + _warnings(report)


def _correction(report: Report) -> str:
    count = len(report.comparisons)
    return (
        "Significant: Student's t of the mean and Wilcoxon's signed ranks both below the level after Holm's "
        f"correction for {count} comparison{'s' if count > 1 else ''}; p is the larger of the two. An "
        "interval stands for its own pair alone, uncorrected."
    )


def _letters(level: float) -> str:
    return f"Methods that share a letter do not differ significantly at level {level:g}."


def _warnings(report: Report) -> list[str]:
    """List the pairs whose verdict needs a word."""
    lines, level = [], report.level
    for comparison in report.comparisons:
        paired = comparison.paired
        group = f", {comparison.group}" if comparison.group else ""
        pair = f"{comparison.first} and {comparison.second} at size {comparison.size}{group}"
        if paired.n < 1000 and 2.0 ** (1 - paired.n) > level:
            lines.append(f"{pair}: {paired.n} images cannot show a difference at level {level:g}")
        elif paired.p_student < level <= paired.p_wilcoxon:
            lines.append(f"{pair}: the mean differs, the ranks do not: a few images decide the mean")
        elif paired.p_wilcoxon < level <= paired.p_student:
            lines.append(f"{pair}: the ranks differ, the mean does not: a few images outweigh the others")
        if comparison.only_first or comparison.only_second:
            lines.append(
                f"{pair}: {comparison.only_first} images that only the first has a value of, and "
                f"{comparison.only_second} that only the second has, are left out"
            )
    return lines


def comparison_markdown(report: Report) -> str:
    """Write all tables with their titles as GitHub-flavoured Markdown."""
    blocks = [f"**{grid.markdown_text(title)}**\n\n{grid.markdown(table)}" for title, table in grids(report)]
    lines = [f"- {grid.markdown_text(line)}" for line in (_correction(report), *_warnings(report))]
    return "\n".join([*blocks, *lines, ""])


def comparison_json(report: Report) -> dict[str, Any]:
    """Collect every figure at full precision, in the metric's own unit."""
    return {
        "level": report.level,
        "correction": "holm",
        "comparisons": [
            asdict(comparison)
            | {
                "paired": asdict(comparison.paired) | {"p": comparison.paired.p},
                "verdict": verdict(comparison, report.level),
            }
            for comparison in report.comparisons
        ],
        "standings": [asdict(standing) for standing in report.standings],
    }
