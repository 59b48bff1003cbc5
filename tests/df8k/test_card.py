"""The dataset card."""

import yaml

from df8k.card import card
from df8k.config import BuildConfig
from df8k.description import Description

DESCRIPTION = Description(
    name="tiny",
    version="1",
    configuration=BuildConfig(),
    inputs="0",
    counts={"train": 2, "validation": 0, "test": 1},
    decisions={"keep": 3},
    tools={"df8k": "0"},
    fingerprint="f" * 64,
)


def rendered(**changes):
    values = {
        "sizes": {"a": (10, 20), "b": (30, 20), "c": (5, 5)},
        "licences": {"CC0-1.0": 3},
        "coverages": [0.4],
    }
    return card(DESCRIPTION, **(values | changes))


def test_the_head_lists_the_splits_that_exist():
    _, head, _ = rendered().split("---\n", 2)
    files = yaml.safe_load(head)["configs"][0]["data_files"]
    assert [entry["split"] for entry in files] == ["train", "test"]


def test_sizes_coverage_and_both_counts_of_df8k_are_stated():
    text = rendered(coverages=[0.31, 0.49])
    assert "| smallest | 5 | 5 |" in text
    assert "| largest | 30 | 20 |" in text
    assert "31.0 % to 49.0 %" in text
    assert "2,850" in text
    assert "450 test masks" in text


def test_a_strange_licence_is_text_not_markup():
    text = rendered(licences={"CC0 | <script>alert(1)</script>\n# big": 1})
    assert "<script>" not in text.replace("\\<", "")
    assert "\n# big" not in text


def test_without_masks_the_card_says_so():
    assert "There is no test image" in rendered(coverages=[])
