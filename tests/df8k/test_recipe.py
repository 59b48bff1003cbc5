"""Recipes, licences and selection by quality."""

import json
from hashlib import sha256
from math import log10

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import df8k
from df8k.builder import build
from df8k.config import BuildConfig
from df8k.curation.licences import licence_name, not_redistributable
from df8k.curation.splits import assign_splits, quotas
from df8k.recipe import names, read_recipe
from df8k.scenes import render
from df8k.sources import open_source
from df8k.verification import verify

SMALL = """
name = "small"
version = "1"
summary = "two sources"
[build]
min_side = 64
selection = "quality"
[build.curation]
{checks}
[[sources]]
name = "fences"
title = "fences"
licence = "CC0-1.0"
obtain = "rendered"
quota = 3
[[sources]]
name = "tiles"
title = "tiles"
licence = "ask"
terms = "https://example.org/terms"
obtain = "rendered"
"""
OFF = "\n".join(
    f"{check} = {{ off = true }}"
    for check in ("document", "flat", "border", "upscaled", "noise", "compression", "blur")
)


@pytest.fixture
def folders(tmp_path):
    folders = {}
    for name, kind in (("fences", "fence"), ("tiles", "tiles")):
        folders[name] = tmp_path / name
        folders[name].mkdir()
        for index in range(5):
            Image.fromarray(render(kind, 100 + index, 90, f"{index}")).save(folders[name] / f"{index}.png")
    return folders


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(SMALL.format(checks=OFF.replace("\nblur = { off = true }", "\nblur = { lowest = -9 }")))
    return read_recipe(str(path))


def test_the_shipped_recipes_are_valid_and_state_their_decisions():
    assert names() == ["df8k-blind", "df8k-faithful", "df8k-faithful-450", "df8k-open"]
    for name in names():
        shipped = read_recipe(name)
        assert shipped.name == name
        assert shipped.decided
        assert shipped.config().curation["upscaled"]["highest"] > 0
        assert shipped.config().near_duplicates is not None


def test_what_the_shipped_recipes_fetch_is_a_source():
    """Opening asks no server; the SPECs alone are read."""
    for name in names():
        for source in read_recipe(name).sources:
            assert source.size
            if source.fetch:
                open_source(source.fetch, name=source.name, licence=source.licence)
    fetched = {source.name for source in read_recipe("df8k-open").sources if source.fetch}
    assert fetched == {"commons", "commons-quality", "pd12m", "openimages"}


def test_the_faithful_counts_are_the_paper_s_and_the_archive_s():
    faithful, archive = read_recipe("df8k-faithful").config(), read_recipe("df8k-faithful-450").config()
    assert sum(faithful.quotas.values()) == sum(archive.quotas.values()) == 2850
    assert quotas(2850, faithful.splits) == {"train": 1995, "validation": 285, "test": 570}
    assert quotas(2850, archive.splits) == {"train": 2115, "validation": 285, "test": 450}
    df2k = faithful.quotas["div2k"] + faithful.quotas["flickr2k"]
    assert df2k / 2850 == pytest.approx(345 / 450, abs=2e-4)


def test_the_blind_recipe_names_fifteen_and_draws_a_sixth_of_the_others():
    config = read_recipe("df8k-blind").config()
    named = config.assigned["validation"]
    others = [f"{number:016x}" for number in range(60)]
    splits = assign_splits([*named, *others], config)
    drawn = sorted(others, key=lambda name: sha256(f"validation|{name}".encode()).hexdigest())[:10]
    assert len(named) == 15
    assert {name for name, split in splits.items() if split == "validation"} == {*named, *drawn}
    assert {name for name, split in splits.items() if split == "test"} == {*others} - {*drawn}


def test_masked_and_assigned_images_are_built_and_verified(folders, tmp_path):
    photographs = [str(folders["tiles"])]
    first = build(df8k.sources.candidates(photographs), tmp_path / "one", BuildConfig(min_side=64))
    rows = pq.read_table(tmp_path / "one/manifest.parquet").to_pylist()
    chosen = sorted(row["id"] for row in rows)[:2]
    config = BuildConfig(
        min_side=64,
        splits={"train": 0.0, "validation": 0.0, "test": 1.0},
        assigned={"validation": chosen},
        masked=("validation", "test"),
    )
    report = build(df8k.sources.candidates(photographs), tmp_path / "two", config)
    assert report.description.counts == {"train": 0, "validation": 2, "test": 3}
    assert report.description.fingerprint != first.description.fingerprint
    assert verify(tmp_path / "two") == []
    validation = df8k.load(tmp_path / "two", split="validation")
    assert [sample.id for sample in validation] == chosen
    assert all(0.3 <= sample.mask.mean() <= 0.5 for sample in validation)
    content = json.loads((tmp_path / "two/croissant.json").read_text())
    assert {"validation-mask", "test-mask"} <= {entry["name"] for entry in content["recordSet"]}


def test_the_best_of_each_source_are_kept_up_to_its_quota(recipe, folders, tmp_path):
    build(
        recipe.candidates({name: str(folder) for name, folder in folders.items()}, frozenset({"tiles"})),
        tmp_path / "out",
        recipe.config(),
    )
    assert verify(tmp_path / "out") == []
    rows = pq.read_table(tmp_path / "out/manifest.parquet").to_pylist()
    fences = sorted((row for row in rows if row["source"] == "fences"), key=lambda row: -row["quality"])
    assert [row["decision"] for row in fences] == ["keep"] * 3 + ["unused"] * 2
    assert all(row["decision"] == "keep" for row in rows if row["source"] == "tiles")
    assert fences[0]["quality"] == pytest.approx(
        fences[0]["score_blur_sharpness"] + log10(fences[0]["width"] * fences[0]["height"] / 1e6)
    )
    assert {row["licence"] for row in fences} == {"CC0-1.0"}
    assert df8k.load(tmp_path / "out", split="train").description.configuration.recipe == recipe.digest


def test_terms_must_be_accepted_and_names_known(recipe, folders):
    with pytest.raises(df8k.SourceError, match="--accept-license tiles"):
        list(recipe.candidates({name: str(folder) for name, folder in folders.items()}, frozenset()))
    with pytest.raises(df8k.SourceError, match="fetch fences from rendered"):
        list(recipe.candidates({"fences": ""}, frozenset()))
    with pytest.raises(df8k.SourceError, match="has no source 'hills': it has fences, tiles"):
        list(recipe.candidates({"hills": str(folders["tiles"])}, frozenset()))


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (("quota = 3", "quotas = 3"), r"sources\.0\.quotas: Extra"),
        (('selection = "quality"', 'selection = "best"'), "selection: "),
        (('selection = "quality"\n', ""), "quotas need selection"),
        (("min_side = 64", "min_sid = 64"), "min_sid: Extra"),
        (("[build.curation]", "[build.curation.blurr]"), "no check is called blurr"),
        (("version =", "version"), "is not TOML"),
    ],
)
def test_a_wrong_recipe_names_its_fault(tmp_path, change, finding):
    path = tmp_path / "wrong.toml"
    path.write_text(SMALL.format(checks="").replace(*change))
    with pytest.raises(df8k.BuildError, match=finding):
        read_recipe(str(path))


def test_an_unknown_recipe_lists_the_known_ones():
    with pytest.raises(df8k.BuildError, match="known are df8k-blind, df8k-faithful"):
        read_recipe("df8k-faithfull")


@pytest.mark.parametrize(
    "licence",
    [
        "https://creativecommons.org/publicdomain/mark/1.0/",
        "http://creativecommons.org/licenses/by-sa/3.0/de/deed.en",
        "CC0 1.0",
        "CC0-1.0",
        "Public domain",
        "pd",
        "CC BY 4.0",
        "cc_by_sa_3.0",
        "CC-BY-2.0-DE",
    ],
)
def test_free_licences_are_taken(licence):
    assert not_redistributable(licence, "Ada") == ""


@pytest.mark.parametrize(
    "licence",
    [
        "",
        "Unsplash License",
        "CC BY-NC 4.0",
        "CC BY-ND 4.0",
        "CC-BY-NC-SA",
        "CC0 or Unsplash License",
        "CC BY-NC",
        "CC-BY-nd",
        "https://creativecommons.org/licenses/by-nc/2.0/",
        "https://creativecommons.org/licenses/by/2.0/../by-nd/2.0/",
        "https://creativecommons.org.example.org/licenses/by/2.0/",
    ],
)
def test_other_licences_are_refused(licence):
    assert not_redistributable(licence, "Ada")


def test_attribution_needs_an_author():
    assert "none is named" in not_redistributable("CC-BY-4.0", " ")
    assert not_redistributable("CC0-1.0", "") == ""


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0 1.0"),
        ("http://www.creativecommons.org/licenses/by/2.0", "CC BY 2.0"),
        ("https://creativecommons.org/licenses/by-sa/3.0/de/", "CC BY-SA 3.0 DE"),
        ("CC-BY-4.0", "CC-BY-4.0"),
        ("https://example.org/licenses/by/2.0/", "https://example.org/licenses/by/2.0/"),
    ],
)
def test_addresses_of_licences_become_names(stated, name):
    assert licence_name(stated) == name


@given(st.text(max_size=40))
def test_no_statement_with_a_restriction_slips_through(text):
    assert not_redistributable(f"CC BY-NC {text}", "Ada")


def test_the_open_edition_refuses_by_licence_without_looking(tmp_path, folders):
    (folders["fences"] / "CREDITS.csv").write_text(
        "file,author,licence\n0.png,Ada,CC-BY-4.0\n1.png,,CC-BY-4.0\n"
    )
    config = read_recipe("df8k-open").config(min_side=64, curation={}).model_copy(update={"curation": None})
    build(df8k.sources.candidates([str(folders["fences"])]), tmp_path / "out", config)
    rows = {row["key"]: row for row in pq.read_table(tmp_path / "out/manifest.parquet").to_pylist()}
    assert rows["0.png"]["decision"] == "keep"
    assert rows["1.png"]["reason"] == rows["4.png"]["reason"] == "licence"
    assert rows["4.png"]["width"] is None
