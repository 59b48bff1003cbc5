"""Tables of docs/data.md name every column and field that files have, and none besides."""

import re
from pathlib import Path

import pytest

from df8k.leaderboard.results.per_image import FIXED_COLUMNS
from df8k.leaderboard.results.schema import Result
from df8k.masks import VectorMask, vector
from df8k.storage.description import Description
from df8k.storage.manifest import MANIFEST, METADATA

PAGE = (Path(__file__).resolve().parents[2] / "docs/data.md").read_text(encoding="utf-8")
SCORES = "score_CHECK_NAME"
METRIC = "METRIC.REGION"


def named(heading):
    """First cells of the table below a heading."""
    section = PAGE.partition(f"# {heading}\n")[2].partition("\n#")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def columns(schema):
    return [SCORES if name.startswith("score_") else name for name in schema.names]


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("`df8k.json`", Description.model_fields),
        ("`manifest.parquet`", dict.fromkeys(columns(MANIFEST))),
        ("`metadata.parquet`", METADATA.names),
        ("A mask", vector._KEYS),
        ("`RESULT.json`", Result.model_fields),
        ("`RESULT.parquet`", [*FIXED_COLUMNS, METRIC]),
    ],
)
def test_a_table_of_the_data_model_is_that_of_the_code(heading, names):
    assert sorted(named(heading)) == sorted(names)


def test_the_mask_format_is_the_written_one():
    mask = VectorMask.of((3, 2), [("c", 1, 1, 1, 1, 9)])
    (written,) = re.findall(r"\| `format` \| `([^`]+)` \|", PAGE)
    assert f'"format":"{written}"' in mask.json
