"""Bounded reading: hostile JSON and TOML end in one line, soon and in little memory."""

import pytest
from pydantic import BaseModel

from _df8k.bounded import parse_json, read_limited, read_object, read_toml, validated

HOSTILE = {
    "deep lists": b"[" * 200_000,
    "deep objects": b'{"a":' * 200_000,
    "deep but whole": b"[" * 60 + b"]" * 60,
    "NaN": b'{"a": NaN}',
    "infinite": b'{"a": 1e999}',
    "a long integer": b"1" * 4000,
    "an endless integer": b"1" * 100_000,
    "a key twice": b'{"a": 1, "a": 2}',
    "half a surrogate pair": b'{"a": "\\ud800"}',
    "no UTF-8": b'{"a": "\xff"}',
    "nothing": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_json_is_refused_in_one_line(name):
    with pytest.raises(LookupError) as failure:
        parse_json(HOSTILE[name], "FILE", LookupError)
    assert "\n" not in str(failure.value)
    assert str(failure.value).isprintable()


@pytest.mark.parametrize("text", [b"a = " + b"[" * 5000, b"a = nan", b"a = 1979-05-27", b"a = \xff", b"a"])
def test_hostile_toml_is_refused(text):
    with pytest.raises(LookupError, match="FILE is no TOML"):
        read_toml(text, "FILE", LookupError)


def test_files_are_bounded_before_they_are_read(tmp_path):
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(2**40)  # a hole, which takes no room
    with pytest.raises(LookupError, match="larger than"):
        read_limited(path, LookupError)
    for stranger in (tmp_path, tmp_path / "absent"):
        with pytest.raises(LookupError, match="no such file"):
            read_object(stranger, LookupError)


class Model(BaseModel):
    count: int


@pytest.mark.parametrize("content", [{"count": "1"}, {"count": True}, {"count": 1.5}, {}, [], None])
def test_types_are_strict_and_the_field_is_named(content):
    with pytest.raises(LookupError, match=r"FILE is damaged: (count|file): "):
        validated(Model, content, "FILE", LookupError)
