"""Every file of a folder is accounted for, and so is every row of its credits."""

import os
import shutil
import unicodedata

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

import df8k
from df8k.builder import build
from df8k.cli import cli
from df8k.config import BuildConfig
from df8k.errors import SourceWarning
from df8k.scenes import render
from df8k.sources import LocalFolder, candidates

QUICK = BuildConfig(min_side=16)


def photo(path, text="0"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(render("tiles", 64, 48, text)).save(path, "JPEG" if "jp" in path.suffix else "PNG")


def rows_of(folder, out, config=QUICK):
    build(candidates([str(folder)]), out, config)
    return pd.read_parquet(out / "manifest.parquet").set_index("key")


def test_every_suffix_has_a_row(tmp_path):
    folder = tmp_path / "photos"
    taken = ["a.jpg", "b.jfif", "c.pjpeg", "d.pjp", "e.JPE", "f.apng", "g", "h.download", "i.JIF"]
    for name in taken:
        photo(folder / name, name)
    Image.fromarray(render("tiles", 64, 48, "bmp")).save(folder / "j.dib", "BMP")
    refused = {
        "k.avif": b"\0\0\0\x20ftypavif" + bytes(40),
        "l.HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(52),
        "m.DNG": b"II*\0" + bytes(64),
        "n.gif": b"GIF87a" + bytes(40),
        "o.jp2": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(40),
        "p.mp4": b"\0\0\0\x18ftypmp42" + bytes(40),
        "q.psd": b"8BPS\0\1" + bytes(40),
        "r.unknown": b"who knows",
    }
    for name, data in refused.items():
        (folder / name).write_bytes(data)
    beside = ["notes.txt", "a.xmp", "b.AAE", ".DS_Store", "._a.jpg", "Thumbs.db", "CREDITS.csv", "index.html"]
    for name in beside:
        (folder / name).write_text("file\n" if name == "CREDITS.csv" else "x")
    rows = rows_of(folder, tmp_path / "out")
    assert set(rows.index) == {*taken, "j.dib", *refused}
    assert set(rows.index[rows.decision == "keep"]) == {*taken, "j.dib"}
    assert set(rows.loc[list(refused)].reason) == {"decode"}
    assert (rows.loc[list(refused)].detail != "").all()


def test_linked_folders_are_entered_once_and_circles_end(tmp_path):
    folder, elsewhere = tmp_path / "photos", tmp_path / "elsewhere"
    photo(folder / "a.jpg", "a")
    photo(elsewhere / "deep" / "b.jpg", "b")
    (folder / "linked").symlink_to(elsewhere)
    (folder / "circle").symlink_to(folder)
    (elsewhere / "back").symlink_to(folder)
    (folder / "twice").symlink_to(elsewhere)
    (folder / "c.jpg").symlink_to(elsewhere / "deep" / "b.jpg")
    keys = [item.key for item in LocalFolder(str(folder))]
    assert keys == ["a.jpg", "c.jpg", "linked/deep/b.jpg"]


def test_what_cannot_be_read_has_a_row(tmp_path, monkeypatch):
    folder = tmp_path / "photos"
    for name in ("a.jpg", "b.jpg"):
        photo(folder / name, name)
    (folder / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    os.mkfifo(folder / "pipe.jpg")
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: "b.jpg" not in str(path) and access(path, mode))
    rows = rows_of(folder, tmp_path / "out")
    assert rows.reason.to_dict() == {"a.jpg": "", "b.jpg": "fetch", "gone.jpg": "fetch", "pipe.jpg": "fetch"}
    assert "permissions" in rows.detail["b.jpg"]
    assert "link to nothing" in rows.detail["gone.jpg"]


def test_a_folder_that_cannot_be_listed_is_an_error(tmp_path, monkeypatch):
    photo(tmp_path / "photos" / "closed" / "a.jpg")
    scan = os.scandir

    def refuse(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(df8k.SourceError, match="closed cannot be listed: Permission denied"):
        list(LocalFolder(str(tmp_path / "photos")))


HEADER = "file,author,licence,source\n"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.jpg", HEADER + "./a.jpg,Ann,CC0,x\n"),
        ("sub/b.jpg", HEADER + "./sub/b.jpg,Ann,CC0,x\n"),
        ("sub/b.jpg", HEADER + "sub\\b.jpg,Ann,CC0,x\n"),
        ("sub/b.jpg", HEADER + ".\\sub\\\\b.jpg,Ann,CC0,x\n"),
        ("sub/b.jpg", HEADER + "/sub//b.jpg,Ann,CC0,x\n"),
        ("a.jpg", "file, author, licence, source\na.jpg, Ann, CC0, x\n"),
        ("a.jpg", " File ;Author; Licence;Source\na.jpg ; Ann;CC0; x\n"),
        ("a.jpg", "Author\tFILE\tLicense\tURL\nAnn\ta.jpg\tCC0\tx\n"),
        ("a.jpg", '\ufefffile, author, licence\n"a.jpg", "Ann", "CC0"\n'),
        ("A.JPG", HEADER + "a.jpg,Ann,CC0,x\n"),
        ("straße.jpg", HEADER + "STRASSE.jpg,Ann,CC0,x\n"),
        (unicodedata.normalize("NFD", "Münster.jpg"), HEADER + "Münster.jpg,Ann,CC0,x\n"),
        ("Münster.jpg", HEADER + unicodedata.normalize("NFD", "MÜNSTER.jpg") + ",Ann,CC0,x\n"),
        ("a.jpg", HEADER + "a.jpg,Ann,CC0,x\n\n,,,\n./a.jpg,Ann,CC0,x\n"),
        ("a b.jpg", HEADER + " a b.jpg ,Ann,CC0,x\n"),
    ],
)
def test_credits_are_matched_however_they_are_spelt(tmp_path, file, text):
    photo(tmp_path / file)
    (tmp_path / "CREDITS.csv").write_text(text, encoding="utf-8")
    (found,) = LocalFolder(str(tmp_path))
    assert (found.author, found.licence) == ("Ann", "CC0")


def test_letter_case_decides_where_both_files_are_there(tmp_path):
    for name in ("a.jpg", "A.jpg"):
        photo(tmp_path / name)
    (tmp_path / "CREDITS.csv").write_text(HEADER + "a.jpg,Ann,CC0,x\nA.jpg,Bob,CC0,y\n")
    assert {item.key: item.author for item in LocalFolder(str(tmp_path))} == {"a.jpg": "Ann", "A.jpg": "Bob"}


def test_rows_without_a_file_are_named(tmp_path):
    photo(tmp_path / "a.jpg")
    lost = "".join(f"lost-{index}.jpg,Ann,CC0,x\n" for index in range(7))
    (tmp_path / "CREDITS.csv").write_text(HEADER + "a.jpg,Ann,CC0,x\n" + lost)
    with pytest.warns(
        SourceWarning, match=r"7 of 8 rows match no file: 'lost-0.jpg' \(line 3\).* and 2 more"
    ):
        list(LocalFolder(str(tmp_path)))


@pytest.mark.parametrize("second", ["a.jpg,Dora,CC BY-NC 4.0,y", "./A.jpg,Ann,CC BY 4.0,y", "a.jpg,,,"])
def test_rows_that_contradict_each_other_are_an_error(tmp_path, second):
    photo(tmp_path / "a.jpg")
    (tmp_path / "CREDITS.csv").write_text(HEADER + f"a.jpg,Ann,CC BY 4.0,x\n{second}\n")
    with pytest.raises(df8k.SourceError, match=r"lines 2 and 3 say different things of 'a.jpg'"):
        list(LocalFolder(str(tmp_path)))


def test_a_comma_in_a_name_is_noticed(tmp_path):
    photo(tmp_path / "a.jpg")
    (tmp_path / "CREDITS.csv").write_text(HEADER + "a.jpg,Smith, John,CC0,x\n")
    with pytest.raises(df8k.SourceError, match="line 2: 5 values for 4 columns"):
        LocalFolder(str(tmp_path))


def test_the_command_tells_what_matches_no_file(tmp_path):
    photo(tmp_path / "photos" / "a.jpg")
    (tmp_path / "photos" / "CREDITS.csv").write_text(HEADER + "b.jpg,Ann,CC0,x\n")
    folders = ["--source", str(tmp_path / "photos"), "--out", str(tmp_path / "out")]
    options = ["--no-curation", "--min-side", "16", "--workers", "1"]
    result = CliRunner().invoke(cli, ["build", *folders, *options])
    assert result.exit_code == 0
    assert "Warning: " in result.stderr
    assert "1 of 1 rows match no file: 'b.jpg' (line 2)" in result.stderr
    assert ".py" not in result.stderr


@pytest.fixture
def six(tmp_path):
    folder = tmp_path / "photos"
    for index in range(6):
        path = folder / f"p{index}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(render("tiles", 96, 80, str(index))).save(path)
    return folder


class Killed(BaseException):
    pass


@pytest.mark.parametrize("stage", ["_mask", "_place", "_write_tables"])
@pytest.mark.parametrize("where", ["dataset", "deep/er/dataset"])
def test_a_dataset_inside_of_its_photographs_is_never_a_source(six, tmp_path, monkeypatch, stage, where):
    """Killed before or after any stage and run again, the build gives the dataset of an undisturbed one."""
    shutil.copytree(six, tmp_path / "copy")
    config = BuildConfig(min_side=64)
    undisturbed = build(candidates([str(tmp_path / "copy")]), tmp_path / "elsewhere", config).description
    import df8k.builder as module

    stopped = getattr(module._Builder, stage)

    def kill(self, *arguments):
        stopped(self, *arguments)
        raise Killed

    out = six / where
    with monkeypatch.context() as patch:
        patch.setattr(module._Builder, stage, kill)
        with pytest.raises(Killed):
            build(candidates([str(six)]), out, config)
    again = build(candidates([str(six)]), out, config)
    assert again.description.fingerprint == undisturbed.fingerprint
    assert set(pd.read_parquet(out / "manifest.parquet").key) == {f"p{index}.png" for index in range(6)}
    assert build(candidates([str(six)]), out, config).existed


def test_an_older_dataset_among_the_photographs_is_passed_over(six, tmp_path):
    config = BuildConfig(min_side=64)
    first = build(candidates([str(six)]), six / "first", config).description
    second = build(candidates([str(six)]), six / "second", config).description
    assert first.fingerprint == second.fingerprint
    assert len(list(LocalFolder(str(six / "first" / "train")))) > 0


@pytest.mark.parametrize("source", [".", "inner", "inner/deep"])
def test_photographs_inside_of_the_dataset_are_refused(six, tmp_path, source):
    inner = tmp_path / "out" / source
    shutil.copytree(six, inner, dirs_exist_ok=True)
    result = CliRunner().invoke(cli, ["build", "--source", str(inner), "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "lies inside" in result.stderr
    assert not (tmp_path / "out" / ".build").exists()


def test_links_to_the_dataset_are_no_sources(six, tmp_path):
    config = BuildConfig(min_side=64)
    out = tmp_path / "out"
    build(candidates([str(six)]), out, config)
    (six / "linked").symlink_to(out)
    (six / "picture.png").symlink_to(next((out / "train" / "images").iterdir()))
    assert build(candidates([str(six)]), out, config).existed
    assert np.all([item.key != "linked" for item in LocalFolder(str(six))])
