"""How bodies become records."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.streams import content
from sessions_app.streams.errors import InvalidRequest

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(value=values, indent=st.sampled_from([None, 1]), ascii_only=st.booleans())
def test_an_array_is_flattened_by_one_level_and_comes_back_as_one(
    value: Any, indent: int | None, ascii_only: bool
) -> None:
    body = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    try:
        body.decode()
    except UnicodeDecodeError:
        return  # a lone surrogate has no UTF-8
    records = content.split("Application/JSON; charset=utf-8", body)
    expected = value if isinstance(value, list) else [value]
    assert [json.loads(record) for record in records] == expected
    assert json.loads(content.join("application/json", records)) == expected


def test_messages_are_kept_as_they_were_written() -> None:
    number = b"1" * 5000
    assert content.messages(b'\n[ 1.50 , {"a" : 1,"a":2},"\\ud800", ' + number + b"]\t") == [
        b"1.50", b'{"a" : 1,"a":2}', b'"\\ud800"', number,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"[1", b"[1,]", b"[,1]", b"[1 2]", b"1 2", b"[1]]", b"NaN", b"[Infinity]", b"01", b"1.", b"'a'",
        b'"a\nb"', b'"\\x"', b"\xff", b'["\xff"]', b"\xef\xbb\xbf1", b"\x00", b"tru", b"\xc2\xa01",
        b"[" * 100_000 + b"]" * 100_000,
    ],
    ids=lambda body: repr(body)[:20],
)  # fmt: skip
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest) as refused:
        content.messages(body)
    assert refused.value.code == "invalid_json"


def test_other_types_keep_each_append_whole() -> None:
    assert content.split("text/plain", b"[1,2]") == [b"[1,2]"]
    assert content.join("text/plain", [b"a", b"\xff"]) == b"a\xff"
    assert content.split("text/plain", b"") == content.split("application/json", b"[]") == []
