"""Local folders as sources."""

import json

import pytest
from click.testing import CliRunner

import df8k
from df8k.cli import cli
from df8k.sources import candidates, open_source


def test_a_folder_yields_its_image_files_with_their_credits(pictures):
    listed = {candidate.key: candidate for candidate in candidates([str(pictures)])}
    assert len(listed) == 23
    assert "notes.txt" not in listed
    credited = listed["fence-1.png"]
    assert (credited.author, credited.licence, credited.origin) == ("Ada", "CC0-1.0", "https://example.org/1")
    assert listed["deeper/facade-0.png"].licence == ""
    assert list(candidates([f"local:{pictures}"])) == sorted(listed.values())


def test_wrong_sources_are_named(tmp_path):
    with pytest.raises(df8k.SourceError, match="does not exist"):
        open_source(str(tmp_path / "nowhere"))
    (tmp_path / "file").write_text("")
    with pytest.raises(df8k.SourceError, match="it is a file"):
        open_source(str(tmp_path / "file"))
    with pytest.raises(df8k.SourceError, match="no source is called 'flickr'"):
        open_source("flickr:photos")
    (tmp_path / "CREDITS.csv").write_text("name,licence\na,b\n")
    with pytest.raises(df8k.SourceError, match="no column 'file'"):
        open_source(str(tmp_path))


def test_every_source_is_listed_with_licence_terms_size_and_way():
    listed = json.loads(CliRunner().invoke(cli, ["sources", "--json"]).stdout)
    specs = [item["spec"].partition(":")[0] for item in listed["specs"]]
    assert specs == ["FOLDER", "archive", "drive", "commons", "huggingface", "openimages", "urls", "s3"]
    assert all(all(item.values()) for item in listed["specs"])
    for recipe in listed["recipes"].values():
        for source in recipe["sources"]:
            assert source["obtain"]
            assert source["size"]
    assert listed["recipes"]["df8k-faithful"]["sources"][0]["terms"].startswith("https://")
    result = CliRunner().invoke(cli, ["sources"])
    assert "what --source takes" in result.output
    assert CliRunner().invoke(cli, ["sources", "df8k-open"]).output.count("\n- ") == 7
