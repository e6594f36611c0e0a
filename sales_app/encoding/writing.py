"""Lines that were accepted, written into a skill's folder. The rest of it stays byte for byte.

Each line carries a comment that names where it comes from, so that the next comparison replaces it instead of saying it twice. What
a line rests on goes into a file of ``reference/``: counts and addresses, never the words of customers, because models read it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sales_app.encoding.errors import EncodingError
from sales_app.skills.text import FILE

MARKED = re.compile(r"<!-- from-(calls|interview):([a-z0-9_.-]+) -->")
FENCE = re.compile(r"^---[ \t]*$")
HEADING = re.compile(r"^#{1,2}\s")
OUTLINE = re.compile(r"^##\s+outline\s*$", re.IGNORECASE)
SECTIONS: Mapping[str, str] = {
    "calls": "## What won deals have in common",
    "interview": "## From an interview",
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """``text`` None takes the line with this key out."""

    source: str  # calls or interview
    key: str
    text: str | None


def marked_in(raw: bytes) -> dict[str, str]:
    """Key: line, of the lines that were drawn from calls before."""
    found = {}
    for line in raw.decode("utf-8").splitlines():
        if (mark := MARKED.search(line)) and mark[1] == "calls":
            found[mark[2]] = line.strip()
    return found


def shown(line: str) -> str:
    """A line as people read it."""
    return MARKED.sub("", line).strip().removeprefix("- ").strip()


def write(
    files: Mapping[str, bytes], entries: Iterable[Entry], evidence: Mapping[str, str]
) -> dict[str, bytes]:
    """Another folder. Raises ``EncodingError`` ``encoding_not_text``."""
    try:
        text = files[FILE].decode("utf-8")
    except UnicodeDecodeError:
        raise EncodingError(
            "encoding_not_text",
            "SKILL.md is not UTF-8, so no line can be written into it.",
            "Save it as UTF-8 first.",
        ) from None
    ending = "\r\n" if "\r\n" in text else "\n"
    lines = text.split(ending)
    for entry in entries:
        _place(lines, entry)
    added = {path: content.replace("\n", ending).encode() for path, content in evidence.items()}
    return {**files, FILE: ending.join(lines).encode("utf-8"), **added}


def _place(lines: list[str], entry: Entry) -> None:
    mark = f"<!-- from-{entry.source}:{entry.key} -->"
    there = next((place for place, line in enumerate(lines) if mark in line), None)
    if entry.text is None:
        if there is not None:
            del lines[there]
        return
    line = f"- {entry.text} {mark}"
    if there is not None:
        lines[there] = line
        return
    lines.insert(_end_of_section(lines, SECTIONS[entry.source]), line)


def _end_of_section(lines: list[str], heading: str) -> int:
    """Where the section's next line goes; the section is made in front of the outline, or at the end."""
    body = _body_of(lines)
    begin = next((place for place in range(body, len(lines)) if lines[place].strip() == heading), None)
    if begin is None:
        begin = _make_section(lines, heading, body)
    end = next((place for place in range(begin + 1, len(lines)) if HEADING.match(lines[place])), len(lines))
    while end > begin + 1 and not lines[end - 1].strip():
        end -= 1
    if end > begin + 1:
        return end
    if begin + 1 == len(lines) or lines[begin + 1].strip():
        lines.insert(begin + 1, "")
    return begin + 2


def _make_section(lines: list[str], heading: str, body: int) -> int:
    outline = next((place for place in range(body, len(lines)) if OUTLINE.match(lines[place])), None)
    if outline is not None:
        lines[outline:outline] = [heading, "", ""]
        return outline
    while len(lines) > body and not lines[-1].strip():
        lines.pop()
    lines += ["", heading, "", ""]
    return len(lines) - 3


def _body_of(lines: list[str]) -> int:
    """The place behind the frontmatter."""
    fences = [place for place, line in enumerate(lines) if FENCE.match(line.lstrip("\ufeff"))]
    return fences[1] + 1 if len(fences) > 1 else 0
