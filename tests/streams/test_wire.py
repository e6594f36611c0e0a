"""Offsets, cursors, headers and events as they travel."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.streams.errors import InvalidRequest, OffsetBeyondTail, UnknownStream
from sessions_app.streams.expiry import Expiry
from sessions_app.streams.http import headers, offsets, sse
from sessions_app.streams.http.cursor import next_cursor
from sessions_app.streams.http.reading import Reading
from sessions_app.streams.lifecycle import Origin
from sessions_app.streams.models import Stream
from sessions_app.streams.read import Chunk

NOW = datetime(2030, 1, 1, tzinfo=UTC)
positions = st.integers(0, 10**16 - 1)


@given(a=positions, b=positions)
def test_offsets_sort_as_positions_do(a: int, b: int) -> None:
    assert offsets.from_wire(offsets.to_wire(a)) == a
    assert (offsets.to_wire(a) < offsets.to_wire(b)) == (a < b)
    assert not set(offsets.to_wire(a)) & set(",&=?/")


@given(text=st.text() | st.from_regex(r"[0-9_]{1,40}"))
def test_other_offsets_are_refused(text: str) -> None:
    try:
        pos = offsets.from_wire(text)
    except (InvalidRequest, OffsetBeyondTail):
        return
    assert text == "-1" or offsets.to_wire(pos) == text


def test_digits_of_other_scripts_are_no_offsets() -> None:
    with pytest.raises(InvalidRequest):
        offsets.from_wire("٠" * 16 + "_" + "٠" * 16)


@given(ahead=st.integers(0, 10**6))
def test_cursor_never_stays_or_goes_back(ahead: int) -> None:
    current = int(next_cursor(None, now=NOW))
    assert int(next_cursor(str(current + ahead), now=NOW)) > current + ahead
    assert int(next_cursor(str(current), now=NOW + timedelta(seconds=20))) > current


@pytest.mark.parametrize("echoed", ["", "-5", "abc", "1e3", "9" * 40, "٣"])
def test_senseless_cursor_is_ignored(echoed: str) -> None:
    assert next_cursor(echoed, now=NOW) == next_cursor(None, now=NOW)


@pytest.mark.parametrize("text", ["+5", "05", "5.0", "5e1", "-1", " 5", "", "٣", "1" * 17])
def test_integers_are_strict(text: str) -> None:
    with pytest.raises(InvalidRequest):
        headers.expiry({headers.TTL: text})


@pytest.mark.parametrize(
    "text",
    [
        "2030-01-01",
        "2030-01-01T00:00:00",
        "2030-13-01T00:00:00Z",
        "now",
        "2030-01-01 00:00:00Z",
        "9999-12-31T23:59:59-23:59",
    ],
)
def test_instants_are_strict(text: str) -> None:
    with pytest.raises(InvalidRequest):
        headers.instant(text)


def test_instants_are_compared_as_instants() -> None:
    assert headers.instant("2030-01-01T02:00:00.000+02:00") == headers.instant("2030-01-01t00:00:00z") == NOW
    assert headers.as_instant(NOW) == "2030-01-01T00:00:00.000Z"


def test_time_to_live_beyond_the_calendar_never_ends() -> None:
    assert Expiry(ttl=2**53 - 1).due(NOW) == datetime.max.replace(tzinfo=UTC)


def test_fork_headers() -> None:
    assert headers.origin({}, "/v1/stream/") is None
    found = headers.origin(
        {
            headers.FORKED_FROM: "/v1/stream/a%20b",
            headers.FORK_OFFSET: offsets.to_wire(3),
            headers.FORK_SUB_OFFSET: "2",
        },
        "/v1/stream/",
    )
    assert found == Origin(path="a b", offset=3, sub_offset=2)
    with pytest.raises(UnknownStream):
        headers.origin({headers.FORKED_FROM: "/elsewhere/a"}, "/v1/stream/")
    with pytest.raises(InvalidRequest):
        headers.origin({headers.FORK_SUB_OFFSET: "0"}, "/v1/stream/")


@pytest.mark.parametrize(
    ("value", "expected"), [("true", True), ("TRUE", True), ("false", False), ("1", False), ("", False)]
)
def test_only_true_closes(value: str, expected: bool) -> None:
    assert headers.closes({headers.CLOSED: value}) is expected


@given(text=st.text(alphabet="ab :\r\n", max_size=30))
def test_event_stream_carries_text_and_nothing_else(text: str) -> None:
    """A parser finds one data event with the very text, its line ends unified, and one control event."""
    stream = Stream(content_type="text/plain", head=1)
    raw = sse.encode(Reading(stream, 0, Chunk([text.encode()], 1)), cursor=7).decode()
    events = [event for event in raw.split("\n\n") if event]
    assert [event.split("\n")[0] for event in events] == ["event: data", "event: control"]
    lines = events[0].split("\n")[1:]
    assert all(line.startswith("data:") for line in lines)
    received = "\n".join(line.removeprefix("data:").removeprefix(" ") for line in lines)
    assert received == text.replace("\r\n", "\n").replace("\r", "\n")
