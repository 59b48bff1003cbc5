"""Dataset card, figures and datasheet."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import yaml

from df8k.builder import build
from df8k.config import BuildConfig
from df8k.documents.card import card
from df8k.documents.datasheet import datasheet
from df8k.documents.facts import Facts
from df8k.documents.figures import write_figures
from df8k.sources import candidates
from df8k.storage.description import Description

DESCRIPTION = Description(
    name="tiny",
    version="1",
    configuration=BuildConfig(),
    inputs="0" * 64,
    counts={"train": 2, "validation": 0, "test": 1},
    decisions={"keep": 3},
    tools={"df8k": "0"},
    fingerprint="f" * 64,
)


FACTS = Facts(
    sizes=[(10, 20), (30, 20), (5, 5)],
    sources={"mine": 2, "theirs": 1},
    licences={"CC0-1.0": 3},
    coverages=[0.4],
    uncertain=1,
    authors=2,
)


def rendered(**changes):
    return card(DESCRIPTION, replace(FACTS, **changes), {"resolution.svg": "Images by size"})


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


def test_figures_stand_on_the_card():
    assert "![Images by size](figures/resolution.svg)" in rendered()


def test_figures_are_small_and_follow_from_the_numbers(tmp_path):
    first = write_figures(tmp_path / "one", FACTS)
    assert list(first) == ["resolution.svg", "aspect.svg", "coverage.svg", "sources.svg", "licences.svg"]
    write_figures(tmp_path / "three", replace(FACTS, sizes=[(7, 9)] * 3))
    write_figures(tmp_path / "four", FACTS)
    for name in first:
        drawn = (tmp_path / "one" / name).read_bytes()
        assert drawn == (tmp_path / "four" / name).read_bytes()
        assert len(drawn) < 10_000
        ET.fromstring(drawn)
    assert (tmp_path / "three/resolution.svg").read_bytes() != (tmp_path / "one/resolution.svg").read_bytes()


def test_bars_are_as_long_as_their_counts(tmp_path):
    write_figures(tmp_path, FACTS)
    bars = re.findall(
        r'width="([0-9.]+)" height="16.0" .*?<title>(.*?)</title>', (tmp_path / "sources.svg").read_text()
    )
    assert [(float(width), title) for width, title in bars] == [(320, "mine: 2"), (160, "theirs: 1")]
    histogram = (tmp_path / "resolution.svg").read_text()
    assert sum(int(count) for count in re.findall(r"<title>.*: (\d+)</title>", histogram)) == 3


def test_a_large_dataset_has_no_larger_figures_and_long_tails_share_a_bar(tmp_path):
    many = replace(
        FACTS,
        sizes=[(1000 + index, 3000) for index in range(5000)],
        licences={f"licence {index:02d}": 1 for index in range(40)},
    )
    write_figures(tmp_path, many)
    assert (tmp_path / "resolution.svg").stat().st_size < 10_000
    text = (tmp_path / "licences.svg").read_text()
    assert "28 others" in text
    assert "licence 11" in text
    assert "licence 12" not in text


def test_strange_sources_stay_text_in_a_drawing(tmp_path):
    write_figures(tmp_path, replace(FACTS, sources={"</svg><script>alert(1)</script>\n\x00" + "x" * 200: 3}))
    root = ET.fromstring((tmp_path / "sources.svg").read_bytes())
    assert not [element for element in root.iter() if element.tag.endswith("script")]


def test_without_masks_there_is_no_figure_of_coverage(tmp_path):
    assert "coverage.svg" not in write_figures(tmp_path, replace(FACTS, coverages=[]))
    assert not (tmp_path / "coverage.svg").exists()


def test_the_datasheet_answers_from_facts_and_marks_the_rest():
    text = datasheet(DESCRIPTION, FACTS)
    assert "3: 2 train, 0 validation, 1 test." in text
    assert "The author of 1 of 3 images is not named" in text
    assert "No detector of persons was used" in text
    assert "mine (2), theirs (1)" in text
    questions = re.findall(r"^\*\*.+\?\*\*$", text, re.MULTILINE)
    assert len(questions) > 35
    answers = re.split(r"^\*\*.+\?\*\*$", text, flags=re.MULTILINE)[1:]
    assert all(answer.strip() for answer in answers)
    assert 10 < sum("To be answered by the maker" in answer for answer in answers) < 20
    curated = DESCRIPTION.model_copy(
        update={
            "configuration": BuildConfig(curation={"person": {"detector": "hog+faces"}}, near_duplicates={}),
            "decisions": {"keep": 3, "reject: person": 4},
        }
    )
    text = datasheet(curated, FACTS)
    assert "with the detector `hog+faces`" in text
    assert "(4 of 7)" in text
    assert "best of each group was kept" in text


def test_a_build_links_card_figures_and_datasheet(pictures, tmp_path):
    build(candidates([str(pictures)]), tmp_path / "out", BuildConfig(min_side=64))
    text = (tmp_path / "out/README.md").read_text()
    linked = re.findall(r"!\[[^]]+\]\(([^)]+)\)", text)
    assert len(linked) == 5
    assert all((tmp_path / "out" / name).stat().st_size for name in linked)
    assert "DATASHEET.md" in text
    assert "18: 12 train, 2 validation, 4 test" in (tmp_path / "out/DATASHEET.md").read_text()
