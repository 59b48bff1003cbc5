"""Names out of a wiki's HTML."""

import pytest

from df8k.curation.licences import not_redistributable
from df8k.sources.commons import _row
from df8k.sources.credits import is_unknown
from df8k.sources.markup import plain_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<div><bdi>Bob</bdi></div><style>.x{color:red}</style>", "Bob"),
        ("<ul><li>Ann</li><li>Bob</li></ul>", "Ann, Bob"),
        ("<ol><li>Ann,<li>Bob</ol>", "Ann, Bob"),
        ('<span>Unknown author</span><span style="display: none;">Unknown author</span>', "Unknown author"),
        ("<p>Ann</p><p>Bob</p>", "Ann, Bob"),
        ("Ann<br>Bob<br/>Cem", "Ann, Bob, Cem"),
        ("<table><tr><td>Ann</td><td>Bob</td></tr></table>", "Ann, Bob"),
        ('<a href="x" title="y">Ada &amp;\n <b>Grace</b></a>', "Ada & Grace"),
        ("<script>alert('x')</script>Ann", "Ann"),
        ("<span hidden>no</span>Ann <span style='DISPLAY:NONE'>no<b>no</b></span>Lee", "Ann Lee"),
        ('<img src="a.png" style="display:none">Ann', "Ann"),
        ("<div>Ann</div><div>Ann</div>", "Ann"),
        ("a &lt; b", "a < b"),
        ("", ""),
        ("<span></span>", ""),
    ],
)
def test_plain_text_is_what_a_reader_sees(markup, text):
    assert plain_text(markup) == text


def page(**fields):
    stated = {name: {"value": value} for name, value in fields.items()}
    return {"title": "File:a.jpg", "imageinfo": [{"extmetadata": stated}]}


@pytest.mark.parametrize(
    ("fields", "author"),
    [
        ({"Artist": None}, ""),
        ({"Artist": None, "Attribution": "Ann"}, "Ann"),
        ({"Artist": "Unknown author", "Attribution": "<b>Ann</b>"}, "Ann"),
        ({"Artist": "Unknown author", "Attribution": None}, "Unknown author"),
        ({"Artist": "<ul><li>Ann</li><li>Bob</li></ul>"}, "Ann, Bob"),
        ({}, ""),
    ],
)
def test_the_author_is_taken_where_one_is_named(fields, author):
    assert _row(page(**fields))["author"] == author
    assert _row({"title": "x", "imageinfo": [{"extmetadata": None}]})["author"] == ""


@pytest.mark.parametrize(
    "author", ["", " ", "Unknown author", "unknown", "Author unknown", "N/A", "not named"]
)
def test_unknown_is_no_author(author):
    assert is_unknown(author)
    assert not_redistributable("CC BY 4.0", author)
    assert not not_redistributable("CC0", author)


@pytest.mark.parametrize("author", ["Ann", "Anonymous Bosch", "Unknown Pleasures Ltd", "None Such Press"])
def test_names_are_authors(author):
    assert not is_unknown(author)
