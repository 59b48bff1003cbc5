"""Figures in README and docs are those of ``results/``, by the command that stands beside each.

A table that comes from results stands between two comments, the first of which is the command that prints it.
A drawing follows a comment with the command and the file of its site. ``python tests/test_figures.py`` writes
all of them anew.
"""

import re
import shlex
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from df8k.cli import cli
from leaderboard.site.board import rank
from leaderboard.site.charts import board_charts
from leaderboard.site.inputs import read_inputs
from leaderboard.site.plots.chart import svg
from leaderboard.site.style import method_styles

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TABLE = re.compile(r"<!-- table: (df8k [^\n]+?) -->\n(.*?)<!-- end -->\n", re.DOTALL)
DRAWING = re.compile(
    r"<!-- drawing: df8k leaderboard build ([^\n]+?) --out SITE, "
    r"SITE/pages/plots/([^\n]+?)\.svg -->\n!\[[^\]]*\]\(([^)]+)\)"
)


def words_of(command):
    """Split a command, its patterns of files expanded as a shell in the repository would."""
    for word in shlex.split(command):
        files = sorted(ROOT.glob(word)) if "*" in word else []
        yield from map(str, files or [word])


def printed(command):
    made = CliRunner().invoke(cli, list(words_of(command))[1:])
    assert made.exit_code == 0, made.output
    return made.output


def drawn(command, name):
    inputs = read_inputs([Path(word) for word in words_of(command)], None, {})
    board = rank(list(inputs.quality.values()), inputs.per_image, list(inputs.latency.values()))
    styles = method_styles(board.methods, [result.method.name for result in inputs.latency.values()])
    return svg(board_charts(board, styles)[name])


def found(pattern):
    return [
        pytest.param(page, *match.groups(), id=f"{page.name} {number}")
        for page in PAGES
        for number, match in enumerate(pattern.finditer(page.read_text()))
    ]


@pytest.mark.parametrize(("page", "command", "shown"), found(TABLE))
def test_a_table_is_what_its_command_prints(page, command, shown):
    assert shown == printed(command), f"{page}: python tests/test_figures.py writes it anew"


@pytest.mark.parametrize(("page", "command", "name", "file"), found(DRAWING))
def test_a_drawing_is_what_its_command_draws(page, command, name, file):
    assert (page.parent / file).read_text() == drawn(command, name), (
        f"{page}: python tests/test_figures.py draws it anew"
    )


def test_every_result_table_of_the_readme_has_its_command():
    """A row that begins with a method and holds numbers stands inside a block."""
    outside = TABLE.sub("", (ROOT / "README.md").read_text())
    rows = re.findall(r"^\| `[\w-]+` \|(?:[^\n]*\| *[*_]*\d+\.\d+[*_]* *)\|", outside, re.MULTILINE)
    assert rows == []
    assert found(TABLE)


if __name__ == "__main__":
    for written in PAGES:
        text = written.read_text()
        for match in DRAWING.finditer(text):
            (written.parent / match[3]).write_text(drawn(match[1], match[2]))
        fresh = TABLE.sub(lambda m: f"<!-- table: {m[1]} -->\n{printed(m[1])}<!-- end -->\n", text)
        if fresh != text:
            written.write_text(fresh)
            sys.stdout.write(f"{written}: written anew\n")
