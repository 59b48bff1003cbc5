"""Wikimedia Commons, Open Images, lists of addresses, and what is never fetched."""

import base64
import csv
import io
import json
from hashlib import md5

import httpx
import pyarrow.parquet as pq
import pytest

import df8k
from df8k.builder import build
from df8k.config import BuildConfig
from df8k.curation.obtain import obtain
from df8k.sources import open_source
from df8k.sources.commons import Commons
from df8k.sources.download import Patience
from df8k.sources.openimages import OpenImages
from df8k.sources.urls import UrlList
from df8k.verification import verify

QUICK = Patience(attempts=4, pause_s=0.01, timeout_s=0.5)
OPEN = BuildConfig(min_side=64, redistributable=True)


@pytest.fixture
def photographs(pictures):
    """File name on the server → bytes, of eight pictures that are all different."""
    return {f"/{path.name}": path.read_bytes() for path in sorted(pictures.glob("*-*.png"))[:8]}


@pytest.fixture
def wiki(serving, photographs, commons_wiki):
    with serving(dict(photographs)) as server:
        yield commons_wiki.Wiki(server, photographs)


def commons(wiki, cache, spec="category=Featured pictures"):
    return Commons(f"{spec}&api={wiki.server.url}/api.php", cache=cache, patience=QUICK, interval_s=0)


def asked_for(server) -> list[str]:
    return [path for path, _ in server.requests if path != "/api.php"]


def manifest(out) -> dict[str, dict]:
    return {row["key"]: row for row in pq.read_table(out / "manifest.parquet").to_pylist()}


def test_commons_gives_pictures_with_licence_author_and_page(wiki, photographs, tmp_path):
    build(commons(wiki, tmp_path / "cache"), tmp_path / "out", OPEN)
    assert verify(tmp_path / "out") == []
    rows = manifest(tmp_path / "out")
    assert set(rows) == {f"File:{name[1:]}" for name in photographs}
    assert {row["licence"] for row in rows.values()} == {"CC BY-SA 4.0"}
    assert {row["author"] for row in rows.values()} == {"Ada & Grace"}
    kept = df8k.load(tmp_path / "out", split="train")
    assert all(sample.metadata["author"] == "Ada & Grace" for sample in kept)
    assert kept[0].metadata["origin"].startswith("https://commons.wikimedia.org/wiki/File:")
    assert wiki.queries[0]["gcmtitle"] == "Category:Featured pictures"
    assert sorted(asked_for(wiki.server)) == sorted(photographs)


def test_commons_fetches_nothing_that_is_too_small_or_not_free(wiki, commons_wiki, photographs, tmp_path):
    names = list(photographs)
    wiki.titles[f"File:{names[0][1:]}"].update(width=63)
    wiki.titles[f"File:{names[1][1:]}"].update(width=30_000, height=30_000)
    wiki.titles[f"File:{names[2][1:]}"].update(size=2_000_000_000)
    for name, licence in ((names[3], "GFDL"), (names[4], "")):
        wiki.titles[f"File:{name[1:]}"]["extmetadata"]["LicenseShortName"]["value"] = licence
    wiki.titles[f"File:{names[5][1:]}"]["extmetadata"]["Artist"]["value"] = "<span></span>"
    wiki.titles["File:drawing.svg"] = commons_wiki.details(
        wiki.server, "/drawing.svg", b"<svg>", mime="image/svg+xml"
    )
    build(commons(wiki, tmp_path / "cache"), tmp_path / "out", OPEN)
    assert sorted(asked_for(wiki.server)) == sorted(names[6:])
    rows = manifest(tmp_path / "out")
    assert "File:drawing.svg" not in rows
    listed = [rows[f"File:{name[1:]}"] for name in names]
    reasons = ["resolution", "decode", "size", "licence", "licence", "licence"]
    assert [row["reason"] for row in listed[:6]] == reasons
    assert {row["decision"] for row in listed[:6]} == {"reject"}
    assert listed[0]["detail"] == "short side 63 px, at least 64 wanted"
    assert (listed[0]["width"], listed[0]["source_sha256"], listed[0]["id"]) == (63, "", "")
    assert "none is named" in listed[5]["detail"]
    assert verify(tmp_path / "out") == []


def test_commons_is_asked_for_nothing_twice(wiki, tmp_path):
    build(commons(wiki, tmp_path / "cache"), tmp_path / "one", OPEN)
    asked = len(wiki.server.requests)
    again = build(commons(wiki, tmp_path / "cache"), tmp_path / "two", OPEN).description
    assert len(wiki.server.requests) == asked
    assert again.fingerprint == df8k.load(tmp_path / "one", "train").description.fingerprint
    wider = commons(wiki, tmp_path / "cache", "category=Featured pictures&category=Quality images&first=3")
    assert len(list(wider)) == 3
    assert len(wiki.server.requests) == asked


def test_commons_goes_on_where_a_listing_stopped(wiki, tmp_path):
    wiki.server.moods["/api.php"] = ["", "", "503", "503", "503", "503"]
    with pytest.raises(df8k.SourceError, match="HTTP 503"):
        list(commons(wiki, tmp_path))
    before = len(wiki.queries)
    assert len(list(commons(wiki, tmp_path))) == 8
    assert [query.get("gcmcontinue") for query in wiki.queries[before:]] == ["2", "4", "6"]


def test_commons_waits_as_long_as_it_is_told_and_says_who_asks(wiki, tmp_path, monkeypatch):
    pauses, agents = [], []
    monkeypatch.setattr("tenacity.nap.time.sleep", pauses.append)
    monkeypatch.setenv("DF8K_CONTACT", "ada@example.org")
    real = httpx.get

    def get(*arguments, headers, **options):
        agents.append(headers["User-Agent"])
        return real(*arguments, headers=headers, **options)

    monkeypatch.setattr("httpx.get", get)
    wiki.server.moods["/api.php"] = ["wait"]
    next(iter(commons(wiki, tmp_path)))
    assert max(pauses) == 1.0
    assert agents[0].endswith("; ada@example.org)")


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"code": "badcategory", "info": "no such category"}, "badcategory: no such category"),
        ({"code": "maxlag", "info": "Waiting"}, "the wiki is busy: maxlag"),
    ],
)
def test_commons_names_what_the_wiki_answers(wiki, tmp_path, fault, message):
    wiki.server.answer = lambda *_: (200, {}, json.dumps({"error": fault}).encode())
    with pytest.raises(df8k.SourceError, match=message):
        list(commons(wiki, tmp_path))


def listing(rows: list[dict]) -> bytes:
    text = io.StringIO()
    columns = "ImageID Subset OriginalURL OriginalLandingURL License AuthorProfileURL Author Title"
    columns += " OriginalSize OriginalMD5 Thumbnail300KURL Rotation"
    writer = csv.DictWriter(text, columns.split(), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def original(server, name: str, data: bytes, **changes) -> dict:
    return {
        "ImageID": md5(name.encode()).hexdigest()[:16],
        "Subset": "train",
        "OriginalURL": f"{server.url}{name}",
        "OriginalLandingURL": f"https://www.flickr.com/photos/ada{name}",
        "License": "https://creativecommons.org/licenses/by/2.0/",
        "Author": "Ada, of\nthe <b>hills</b>",
        "Title": name,
        "OriginalSize": len(data),
        "OriginalMD5": base64.b64encode(md5(data).digest()).decode(),
    } | changes


def test_open_images_gives_originals_that_are_what_the_list_says(serving, photographs, tmp_path):
    names = list(photographs)
    with serving(dict(photographs)) as server:
        rows = [original(server, name, data) for name, data in photographs.items()]
        rows[0]["OriginalSize"] = 2_000_000_000
        rows[1]["License"] = "https://creativecommons.org/licenses/by-nc/2.0/"
        rows[2]["Subset"] = "validation"
        rows[3]["OriginalMD5"] = base64.b64encode(bytes(16)).decode()  # a placeholder came in its stead
        rows[4]["OriginalURL"] = f"{server.url}/gone.jpg"
        rows[5]["OriginalURL"] = "not an address"
        server.files["/list.csv"] = listing(rows)
        server.moods = {names[6]: ["truncate", "429", "html"], "/list.csv": ["503"]}
        source = OpenImages(f"{server.url}/list.csv?subset=train", cache=tmp_path / "cache", patience=QUICK)
        build(source, tmp_path / "out", OPEN)
        asked = asked_for(server)
    assert not {names[0], names[1], names[2]} & set(asked)
    listed = manifest(tmp_path / "out")
    by_row = [listed.get(row["ImageID"]) for row in rows]
    assert by_row[2] is None
    assert [row and row["reason"] for row in by_row] == [
        "size",
        "licence",
        None,
        "fetch",
        "fetch",
        "fetch",
        "",
        "",
    ]
    assert "its md5 is" in by_row[3]["detail"]
    assert "404" in by_row[4]["detail"]
    assert by_row[6]["licence"] == "CC BY 2.0"
    assert by_row[6]["author"] == "Ada, of\nthe <b>hills</b>"
    assert by_row[6]["origin"].startswith("https://www.flickr.com/")
    assert verify(tmp_path / "out") == []


def test_a_share_takes_the_same_rows_when_the_list_grows(serving, photographs, tmp_path):
    data = next(iter(photographs.values()))
    with serving({}) as server:
        rows = [original(server, f"/{index}", data) for index in range(400)]
    paths = tmp_path / "few.csv", tmp_path / "many.csv"
    paths[0].write_bytes(listing(rows[:200]))
    paths[1].write_bytes(listing(rows))
    few, many = ([item.key for item in OpenImages(f"{path}?share=0.25")] for path in paths)
    assert few == [key for key in many if key in {row["ImageID"] for row in rows[:200]}]
    assert 70 < len(many) < 130
    assert [item.key for item in OpenImages(f"{paths[1]}?share=0.25&first=5")] == many[:5]


MOODS = ["truncate", "redirect", "429", "503", "html", "stall", "short-length", "no-range"]


def test_addresses_are_fetched_whatever_happens_and_never_twice(serving, photographs, tmp_path, monkeypatch):
    monkeypatch.setenv("DF8K_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("df8k.sources.download.Patience", lambda: QUICK)
    with serving(dict(photographs)) as server:
        table = tmp_path / "list.csv"
        lines = [f"{server.url}{name},CC0-1.0,300,200" for name in photographs]
        table.write_text(
            "url,licence,width,height\n" + "\n".join(lines) + f"\n{server.url}/small,CC0,90,20\n"
        )
        for name, mood in zip(photographs, MOODS, strict=True):
            server.moods[name] = [mood]
        first = build(UrlList(str(table)), tmp_path / "one", OPEN).description
        asked = len(server.requests)
        again = build(UrlList(str(table)), tmp_path / "two", OPEN).description
        assert len(server.requests) == asked
        assert "/small" not in asked_for(server)
    assert first.fingerprint == again.fingerprint
    assert manifest(tmp_path / "one")[f"{server.url}/small"]["reason"] == "resolution"
    left = [path.name for path in (tmp_path / "cache").rglob("*") if path.suffix in {".part", ".etag"}]
    assert left == []


@pytest.mark.parametrize("mood", ["huge", "endless"])
def test_a_file_without_end_is_cut_off(serving, photographs, tmp_path, monkeypatch, mood):
    monkeypatch.setenv("DF8K_CACHE", str(tmp_path / "cache"))
    with serving(dict(photographs)) as server:
        name = next(iter(photographs))
        server.moods[name] = [mood]
        (tmp_path / "list.csv").write_text(f"url\n{server.url}{name}\n")
        (listed,) = obtain(UrlList(str(tmp_path / "list.csv")), BuildConfig(max_bytes=3_000_000))
        assert (listed.reason, listed.source_sha256) == ("size", "")
        assert server.sent[name] < 30_000_000
    assert [path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()] == ["lock"]


def test_files_that_cannot_be_had_now_end_the_build_and_are_asked_for_again(
    serving, photographs, tmp_path, monkeypatch
):
    monkeypatch.setenv("DF8K_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("df8k.sources.download.Patience", lambda: QUICK)
    with serving(dict(photographs)) as server:
        names = list(photographs)
        (tmp_path / "list.csv").write_text("url\n" + "\n".join(f"{server.url}{name}" for name in names))
        source = UrlList(str(tmp_path / "list.csv"))
        server.moods = {names[0]: ["503"] * 4, names[1]: ["403"]}
        with pytest.raises(df8k.SourceError, match=r"2 files cannot be had now: .*503.*Run the same command"):
            build(source, tmp_path / "out", BuildConfig(min_side=64))
        assert not (tmp_path / "out").exists()
        asked = len(server.requests)
        server.moods[names[0]] = ["503"] * 4
        without = build(source, tmp_path / "without", BuildConfig(min_side=64), skip_unreachable=True)
        assert without.description.decisions["reject: fetch"] == 1
        assert sorted(path for path, _ in server.requests[asked:]) == sorted([*[names[0]] * 4, names[1]])
        whole = build(source, tmp_path / "out", BuildConfig(min_side=64)).description
    assert sum(whole.decisions.values()) == 8
    assert "reject: fetch" not in whole.decisions


def test_a_network_that_is_down_ends_the_build_soon(serving, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "df8k.sources.download.Patience", lambda: Patience(attempts=1, pause_s=0, timeout_s=0.5)
    )
    monkeypatch.setenv("DF8K_CACHE", str(tmp_path / "cache"))
    with serving({}) as server:
        server.moods = {f"/{index}": ["503"] for index in range(200)}
        (tmp_path / "list.csv").write_text("url\n" + "\n".join(f"{server.url}/{i}" for i in range(200)))
        with pytest.raises(df8k.SourceError, match="20 files cannot be had now"):
            obtain(UrlList(str(tmp_path / "list.csv")), BuildConfig())
        assert len(server.requests) < 40


@pytest.mark.parametrize(
    ("spec", "finding"),
    [
        ("commons:first=3", "expected category=NAME or search=WORDS"),
        ("commons:category=x&limit=3", "no option is called 'limit'"),
        ("commons:category", "expected key=value"),
        ("commons:category=", "category is empty"),
        ("commons:category=x&first=0", "first is at least 1"),
        ("openimages:list.csv?share=2", "share above 0 and at most 1"),
        ("openimages:list.csv?share=many", "share one up to 1"),
        ("urls:nowhere.csv", "there is no such file"),
        ("huggingface:?split=test", "expected the name of a data set"),
        ("ftq://example.org/x", "ftq"),
    ],
)
def test_wrong_specs_are_named(spec, finding):
    with pytest.raises(df8k.SourceError, match=finding):
        open_source(spec)


def test_lists_without_their_columns_are_named(tmp_path):
    (tmp_path / "list.csv").write_text("ImageID,License\n1,2\n")
    with pytest.raises(df8k.SourceError, match="it lacks Author, OriginalURL"):
        list(OpenImages(str(tmp_path / "list.csv")))
    with pytest.raises(df8k.SourceError, match="has no column 'url'"):
        UrlList(str(tmp_path / "list.csv"))
    with pytest.raises(df8k.SourceError, match="there is no such file"):
        list(OpenImages("nowhere.csv"))
