"""Differences as people read them, and edits that keep bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales_app.skills.comparing import MAX_LINES, compare
from sales_app.skills.editing import MAX_EDITABLE, as_bytes, editable

LINES = st.lists(st.sampled_from(["a", "b", "", "c d"]), max_size=30)


@given(LINES, LINES)
def test_both_sides_can_be_read_from_it(old: list[str], new: list[str]) -> None:
    before, after = "\n".join(old), "\n".join(new)
    changes = compare({"x": before.encode()}, {"x": after.encode()})
    if before == after:
        assert changes == []
        return
    (change,) = changes
    left, right = before.split("\n"), after.split("\n")
    removed = [line for line in change.lines if line.before]
    added = [line for line in change.lines if line.after]
    assert all(left[line.before - 1] == line.text for line in removed if line.before)
    assert all(right[line.after - 1] == line.text for line in added if line.after)
    gaps = sum(int(line.text.split()[0]) for line in change.lines if line.kind == "gap")
    assert len(removed) + gaps == (len(left) if before else 0)
    assert len(added) + gaps == (len(right) if after else 0)


def test_files_added_removed_and_changed() -> None:
    before = {"SKILL.md": b"a\nb\n", "gone.md": b"x", "same.md": b"y", "logo.png": b"\x00"}
    after = {"SKILL.md": b"a\nc\n", "new.md": b"z", "same.md": b"y", "logo.png": b"\x00\x01"}
    shown = {change.path: change for change in compare(before, after)}
    assert list(shown) == ["SKILL.md", "gone.md", "logo.png", "new.md"]
    assert [(line.kind, line.before, line.after, line.text) for line in shown["SKILL.md"].lines] == [
        ("same", 1, 1, "a"),
        ("removed", 2, None, "b"),
        ("added", None, 2, "c"),
        ("same", 3, 3, ""),
    ]
    assert (shown["SKILL.md"].added, shown["SKILL.md"].removed) == (1, 1)
    assert (shown["gone.md"].change, shown["new.md"].change) == ("removed", "added")
    assert shown["logo.png"].note == "No text: 1 bytes before, 2 bytes after."


def test_line_ends_alone() -> None:
    (change,) = compare({"x": b"a\nb"}, {"x": b"\xef\xbb\xbfa\r\nb"})
    assert (change.lines, change.note) == ((), "Only line endings or a mark at the beginning differ.")


def test_long_files_are_not_compared() -> None:
    (change,) = compare({"x": b"a"}, {"x": b"\n" * MAX_LINES})
    assert change.note.startswith("Too long")


@pytest.mark.parametrize(
    ("original", "typed", "expected"),
    [
        (b"a\r\nb\nc", "a\r\nb\r\nc", b"a\r\nb\nc"),
        (b"a\r\nb\r\nc", "a\r\nb\r\nd", b"a\r\nb\r\nd"),
        (b"a\nb\n", "a\r\nb\r\nd", b"a\nb\nd"),
        (b"\xef\xbb\xbfa\n", "b\r\n", b"\xef\xbb\xbfb\n"),
        (None, "a\r\nb", b"a\nb"),
        (b"a\n", "a", b"a"),
    ],
)
def test_what_comes_back_from_a_form(original: bytes | None, typed: str, expected: bytes) -> None:
    assert as_bytes(typed, original) == expected


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_untouched_files_keep_their_bytes(text: str) -> None:
    raw = text.encode()
    assert as_bytes(editable({"x": raw})["x"].replace("\n", "\r\n"), raw) == raw


def test_what_no_form_can_hold() -> None:
    files = {"SKILL.md": b"x", "a": b"\xff", "b": b"\0", "c": b"y" * (MAX_EDITABLE + 1)}
    assert list(editable(files)) == ["SKILL.md"]
