"""Tables at 80, 100 and 160 columns: nothing is wider than the window, no word and no number is broken."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from df8k.cli import cli
from df8k.cli._tables import print_table

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests/golden/terminal"
WIDTHS = (80, 100, 160)

BOARD = (
    ["size", "#", "method", "what it is", "haarpsi hole", "l1 hole, %", "median, ms", "p90, ms", "timed by"],
    [
        [
            "3840x2160",
            "1",
            "rethined,working_resolution=1024",
            "learned",
            "0.4127",
            "5.728",
            "187",
            "210",
            "evaluate",
        ],
        [
            "3840x2160",
            "2",
            "harmonic",
            "classical",
            "0.3975",
            "5.633",
            "14841",
            "33818",
            "evaluate, disturbed",
        ],
    ],
)
FINDINGS = (
    ["check", "verdict", "found", "what to do"],
    [
        [
            "output",
            "broken",
            "returned float64 (512, 512, 3) with values from 0 to 0.949",
            "multiply by 255, then uint8",
        ],
        ["known pixels", "ok", "unchanged", ""],
    ],
)


def run(width, *words):
    result = CliRunner().invoke(cli, list(map(str, words)), env={"COLUMNS": str(width)})
    assert result.exit_code in {0, 1}, result.output
    return result.stdout


def table(capsys, monkeypatch, width, *arguments):
    monkeypatch.setenv("COLUMNS", str(width))
    print_table(*arguments)
    return capsys.readouterr().out


def check(output, width):
    """No line is wider than the window, but for single words that are: paths, which break nowhere."""
    for line in output.splitlines():
        assert len(line) <= width or " " not in line.strip(), line


def words(text):
    return {word for word in re.split(r"[\s─]+", text) if word}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("name", "content", "texts", "optional"),
    [
        ("board", BOARD, (2, 3, 8), ("timed by", "p90, ms", "what it is")),
        ("findings", FINDINGS, range(4), ()),
    ],
)
def test_tables_as_they_stand(capsys, monkeypatch, width, name, content, texts, optional):
    output = table(capsys, monkeypatch, width, name, *content, texts, optional)
    check(output, width)
    file = GOLDEN / f"{name}-{width}.txt"
    assert output == file.read_text(), f"python {Path(__file__).relative_to(ROOT)} writes {file.name} anew"


@pytest.mark.parametrize("width", range(20, 130, 7))
def test_every_word_of_a_column_that_is_shown_is_whole(capsys, monkeypatch, width):
    header, rows = BOARD
    optional = ("timed by", "p90, ms", "what it is", "l1 hole, %")
    output = table(capsys, monkeypatch, width, "board", header, rows, (2, 3, 8), optional)
    hidden = re.search(r"Not shown for want of width: (.*?) \(--wide", " ".join(output.split()))
    left_out = hidden[1] if hidden else ""
    cells = [cell for row in rows for name, cell in zip(header, row, strict=True) if name not in left_out]
    assert words(" ".join(cells)) <= words(output)


def test_a_pipe_gets_every_column_on_one_line(capsys, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    print_table("board", *BOARD, (2, 3, 8), ("timed by",))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert lines[1].split()[-2:] == ["timed", "by"]


def test_text_from_outside_stays_in_its_cell(capsys, monkeypatch):
    output = table(capsys, monkeypatch, 80, "t", ["name", "n"], [["[red]a\n\x1b[31mb", "1"], ["漢字", "12"]])
    assert "[red]a �[31mb" in output
    assert "\x1b" not in output
    assert output.splitlines()[-1] == "漢字" + " " * 11 + "12"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A dataset of six scenes, two results and filled pictures."""
    from df8k.scenes import KINDS, render

    folder = tmp_path_factory.mktemp("tables")
    (folder / "photos").mkdir()
    for index, kind in enumerate(KINDS):
        picture = Image.fromarray(render(kind, 150 + 11 * index, 96 + 10 * index, "tables"))
        picture.save(folder / f"photos/{kind}.png")
    (folder / "config.toml").write_text(
        'name = "tables"\nmin_side = 64\n[splits]\ntrain = 0\nvalidation = 0\ntest = 1\n'
    )
    options = ("--config", folder / "config.toml", "--workers", 1)
    run(80, "build", "--source", folder / "photos", "--out", folder / "data", *options)
    return folder


MEASURED = ("--data", "data", "--sizes", "64,native", "--metrics", "l1,psnr,ssim,haarpsi,gmsd")
SMALL = ("--data", "data", "--sizes", "64", "--metrics", "l1,haarpsi")
RAPID = ("--tier", "rapid", "--sessions", "1", "--limit-s", "0.1", "--images", "1", "--no-areas")
COMPARE = ("compare", "mean.json", "telea.json", "--metric", "haarpsi.hole")
COMMANDS = (
    ("evaluate", "--method", "mean", "--out", "mean.json", "--save-predictions", "mean", *MEASURED),
    ("evaluate", "--method", "telea", "--out", "telea.json", "--save-predictions", "telea", *MEASURED),
    ("score", "--predictions", "mean", "--name", "elsewhere", "--out", "elsewhere.json", "--data", "data"),
    ("score", "--predictions", "photos", "--no-reference", "--masks", "preset:df8k", "--out", "bare.json"),
    ("evaluate", "--method", "ns", "--shard", "1/2", "--out", "first.json", *SMALL),
    ("evaluate", "--method", "ns", "--shard", "2/2", "--out", "second.json", *SMALL),
    ("evaluate", "--method", "ns", "--mask-sweep", "--out", "sweep.json", *SMALL),
    ("merge", "first.json", "second.json", "--out", "ns.json"),
    COMPARE,
    ("strategies", "harmonic", "--side", "64", "--limit", "2", "--out", "strategies", *SMALL),
    ("method", "parity", "mean", "telea", *SMALL),
    ("latency", "--method", "mean", "--sizes", "64", "--out", "latency.json", *RAPID),
    ("leaderboard", "build", "mean.json", "telea.json", "latency.json", "--out", "site"),
    ("leaderboard", "validate", "mean.json"),
    ("leaderboard", "diff", "mean.json", "telea.json"),
    ("vote", "build", "mean=mean", "telea=telea", "--data", "data", "--size", "64", "--out", "vote"),
    ("vote", "score", "vote-key.json", "ballot.json", "--results", "mean.json", "--results", "telea.json"),
    ("reproduce", "mean.json", "--data", "data"),
    ("inputs", "data", "--sizes", "64", "--out", "inputs"),
    ("verify", "data"),
    ("info", "data"),
    ("publish", "data", "--repo", "org/name"),
    ("sources",),
    ("sources", "df8k-open"),
    ("weights", "list"),
    ("masks", "presets"),
    ("masks", "stats", "--preset", "df8k-small", "--count", "4", "--size", "64"),
    ("method", "check", "mean"),
    ("method", "known"),
    ("method", "known", "lama"),
    ("doctor",),
    ("removal", "example", "--out", "removal"),
)
SHORT = {"inputs", "verify", "removal", "vote build", "leaderboard validate", "leaderboard diff"}


def vote(folder):
    """One voter's export, who always prefers the left side but sees through the catch pairs."""
    from df8k.leaderboard.votes.files import read_key

    key = read_key(folder / "vote-key.json")
    choices = [{"pair": pair.pair, "choice": pair.catch or "left", "ms": 900} for pair in key.pairs]
    content = {"study": key.study, "voter": "a" * 16, "votes": choices}
    (folder / "ballot.json").write_text(json.dumps(content))


@pytest.mark.filterwarnings("ignore")
def test_every_command_at_80_columns(made, monkeypatch):
    """Each as it is typed; ``demo`` and those of the README are run at 80 columns in tests/test_readme.py."""
    monkeypatch.chdir(made)
    for command in COMMANDS:
        if command[:2] == ("vote", "score"):
            vote(made)
        output = run(80, *command)
        assert output, command
        assert "─" in output or "\n  " in output or SHORT & {command[0], " ".join(command[:2])}, command
        check(output, 80)
    narrow, wide = run(80, *COMPARE), run(80, *COMPARE, "--wide")
    assert "standardised (--wide" in " ".join(narrow.split())
    assert max(map(len, wide.splitlines())) > 80
    assert json.loads(run(80, *COMPARE, "--json"))


if __name__ == "__main__":
    import contextlib
    import io
    import os

    GOLDEN.mkdir(exist_ok=True)
    for width in WIDTHS:
        os.environ["COLUMNS"] = str(width)
        for name, content, texts, optional in (
            ("board", BOARD, (2, 3, 8), ("timed by", "p90, ms", "what it is")),
            ("findings", FINDINGS, range(4), ()),
        ):
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                print_table(name, *content, texts, optional)
            (GOLDEN / f"{name}-{width}.txt").write_text(printed.getvalue())
