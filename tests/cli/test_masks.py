import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

import masks
from df8k.cli import cli


def run(*arguments):
    return CliRunner().invoke(cli, ["masks", *map(str, arguments)], prog_name="df8k")


def test_presets_are_listed_with_their_aliases(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    result = json.loads(run("presets", "--json").stdout)
    assert {entry["name"] for entry in result} == set(masks.preset_names())
    assert next(entry for entry in result if "df8k" in entry["aliases"])["coverage"] == [0.3, 0.5]
    assert "band-30-50 = df8k" in run("presets").output


@pytest.mark.parametrize("form", ["png", "png1", "json", "coco"])
def test_samples_are_the_masks_of_their_keys(tmp_path, form):
    result = run("sample", "--size", "96x64", "--count", 2, "--out", tmp_path, "--format", form, "--json")
    rows = json.loads(result.stdout)
    assert [row["key"] for row in rows] == ["sample-0", "sample-1"]
    for row in rows:
        vector = masks.synthesize((3, 2), "df8k", row["key"])
        expected = vector.rasterize(96, 64)
        content = Path(row["file"]).read_bytes()
        mask = {
            "png": masks.decode_png,
            "png1": masks.decode_png,
            "json": lambda text: masks.VectorMask.from_json(text.decode()).rasterize(96, 64),
            "coco": lambda text: masks.from_coco(json.loads(text)),
        }[form](content)
        np.testing.assert_array_equal(mask, expected)
        assert row["sha256"] == vector.sha256
        assert row["coverage"] == expected.mean()


def test_a_contact_sheet_and_awkward_keys(tmp_path):
    sheet, out = tmp_path / "sheet.png", tmp_path / "out"
    result = run(
        "sample", "--key", "a/b", "--key", "ü", "--size", "64x64", "--out", out, "--contact-sheet", sheet
    )
    assert result.exit_code == 0, result.output
    assert len(list(out.iterdir())) == 2
    with Image.open(sheet) as picture:
        assert picture.size == (2 * 196 + 4, 200)


def test_statistics_of_a_preset_and_of_a_folder(tmp_path):
    figure = tmp_path / "stats.png"
    result = run("stats", "--preset", "blobs", "--count", 10, "--size", 64, "--figure", figure, "--json")
    assert json.loads(result.stdout)["preset"] == "blobs-v1"
    with Image.open(figure) as picture:
        assert picture.width > 400
    run("sample", "--size", "64x64", "--count", 3, "--out", tmp_path / "out")
    table = run("stats", "--folder", tmp_path / "out", "--hole", "white")
    assert table.exit_code == 0, table.output
    assert "3 masks" in " ".join(table.output.split())
    assert "depth_max" in table.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sample", "--preset", "dfk", "--json"], "did you mean df8k"),
        (["sample"], "say where the masks go"),
        (["sample", "--size", "640x", "--json"], "two positive integers"),
        (["stats", "--folder", "."], "polarity is never guessed"),
        (["stats", "--folder", "nowhere", "--hole", "white"], "does not exist"),
        (["stats", "--count", "2", "--size", "32", "--figure", "a.pdf"], ".svg or .png"),
    ],
)
def test_wrong_use_ends_with_2_and_a_line(arguments, message):
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", ["presets", "sample", "stats"])
def test_help_has_an_example(command):
    assert "Example: df8k masks" in run(command, "--help").output
