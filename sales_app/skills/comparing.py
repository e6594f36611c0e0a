"""Two folders side by side, line by line, for people to read."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from sales_app.skills.folders import in_order
from sales_app.skills.text import plain_lines

MAX_LINES = 5000  # comparing costs the square of it at worst
CONTEXT = 3

Change = Literal["added", "removed", "changed"]


@dataclass(frozen=True, kw_only=True)
class Line:
    """``kind`` gap stands for lines that are left out: ``text`` says how many. Numbers count from 1; None: not on that side."""

    kind: Literal["same", "added", "removed", "gap"]
    text: str
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, kw_only=True)
class FileChange:
    """``note`` says what lines cannot: that the file is no text, or that only line endings differ."""

    path: str
    change: Change
    lines: tuple[Line, ...] = ()
    note: str = ""

    @property
    def added(self) -> int:
        return sum(line.kind == "added" for line in self.lines)

    @property
    def removed(self) -> int:
        return sum(line.kind == "removed" for line in self.lines)


def compare(before: dict[str, bytes], after: dict[str, bytes]) -> list[FileChange]:
    """Only files that differ; SKILL.md first, then by path."""
    return [
        _compare(path, before.get(path), after.get(path))
        for path in in_order(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    ]


def text_of(raw: bytes) -> str | None:
    """None when it is nothing that people read."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _compare(path: str, before: bytes | None, after: bytes | None) -> FileChange:
    change: Change = "added" if before is None else "removed" if after is None else "changed"
    old, new = text_of(before or b""), text_of(after or b"")
    if old is None or new is None:
        return FileChange(
            path=path, change=change, note=f"No text: {_size(before)} before, {_size(after)} after."
        )
    # Endings are of interest only where nothing else differs.
    olds, news = _lines(old), _lines(new)
    if max(len(olds), len(news)) > MAX_LINES:
        return FileChange(
            path=path, change=change, note=f"Too long to compare here: more than {MAX_LINES:,} lines."
        )
    if change == "changed" and olds == news:
        return FileChange(
            path=path, change=change, note="Only line endings or a mark at the beginning differ."
        )
    return FileChange(path=path, change=change, lines=tuple(_differences(olds, news)))


def _lines(text: str) -> list[str]:
    text = plain_lines(text)
    return text.split("\n") if text else []


def _differences(old: list[str], new: list[str]) -> Iterator[Line]:
    seen = 0  # lines of ``old`` that were told of
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for group in matcher.get_grouped_opcodes(CONTEXT):
        if left_out := group[0][1] - seen:
            yield _gap(left_out)
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                for place in range(old_to - old_from):
                    yield Line(
                        kind="same",
                        text=old[old_from + place],
                        before=old_from + place + 1,
                        after=new_from + place + 1,
                    )
                continue
            for place in range(old_from, old_to):
                yield Line(kind="removed", text=old[place], before=place + 1)
            for place in range(new_from, new_to):
                yield Line(kind="added", text=new[place], after=place + 1)
        seen = group[-1][2]
    if left_out := len(old) - seen:
        yield _gap(left_out)


def _gap(lines: int) -> Line:
    return Line(kind="gap", text=f"{lines:,} unchanged {'line' if lines == 1 else 'lines'}")


def _size(raw: bytes | None) -> str:
    return "nothing" if raw is None else f"{len(raw):,} bytes"
