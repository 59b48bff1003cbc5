"""CONTRIBUTING's map of the house: every place that it names is there, and no folder is left out."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAP = (ROOT / "CONTRIBUTING.md").read_text().partition("## The house\n")[2].partition("\n## ")[0]


def rows(table):
    """Cells of the rows below a table's head and rule."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def named(text):
    return re.findall(r"`([^`]+)`", text)


@pytest.mark.parametrize("package", ["df8k", "leaderboard"])
def test_the_folders_of_a_package_are_those_of_its_table(package):
    (table,) = re.findall(rf"^\| `{package}/` \|.*?(?=\n\n)", MAP, re.MULTILINE | re.DOTALL)
    entries = [name for first, _ in rows(table) for name in named(first)]
    assert [name for name in entries if not (ROOT / package / name).exists()] == []
    folders = {
        f"{path.parent.name}/"
        for path in (ROOT / package).glob("*/__init__.py")
        if not path.parent.is_symlink()
    }
    assert {name for name in entries if name.endswith("/")} == folders - {"cli/"}


def test_a_package_begins_with_files_that_exist():
    (table,) = re.findall(r"^\| package \|.*?(?=\n\n)", MAP, re.MULTILINE | re.DOTALL)
    for package, _, first, _ in rows(table):
        folder = ROOT / package.strip("`").replace(".", "/")
        assert [name for name in named(first) if not (folder / name).is_file()] == []


def test_what_is_added_has_its_file_and_its_section():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    (table,) = re.findall(r"^\| to add \|.*?(?=\n\n)", MAP, re.MULTILINE | re.DOTALL)
    for _, write, line, shown in rows(table):
        assert all((ROOT / name).exists() for name in named(write) + named(line))
        if heading := re.match(r"\[(Add[^\]]+)\]\(#([a-z-]+)\)", shown):
            (title,) = re.findall(rf"^## ({heading[1]}.*)$", text, re.MULTILINE)
            assert title.lower().replace(" ", "-") == heading[2]
