"""The outline in a skill's text: which sections its result has, and which kinds of facts feed each.

Under a heading ``## Outline`` of SKILL.md stands a numbered list, one entry a section:

    1. **On the call** - `attendee`, at most 6. Who they are and what they care about.

Bold is the section's title, words in backticks are fact kinds, ``at most N`` bounds the statements. The rest of the entry is
for whoever writes. The collectors that are run follow from the kinds, so editing the outline is editing the skill.
"""

import re
from dataclasses import dataclass

HEADING = re.compile(r"^##\s+outline\s*$", re.IGNORECASE)
ENTRY = re.compile(r"^\s{0,3}\d+[.)]\s+\*\*(?P<title>[^*]+?)\*\*(?P<rest>.*)$")
KIND = re.compile(r"`([a-z][a-z0-9_]*)`")
LIMIT = re.compile(r"\bat most (\d+)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One section of the result. ``limit`` None: as many statements as there are facts."""

    title: str
    kinds: tuple[str, ...]
    limit: int | None
    guidance: str


def outline_of(body: str) -> tuple[Part, ...]:
    """The parts in order; empty when the skill has no outline (a foreign skill: the model reads its text freely)."""
    parts: list[Part] = []
    inside = False
    entry: list[str] = []
    for line in [*body.splitlines(), "## end"]:
        if line.startswith("#"):
            if inside and entry:
                parts.append(_part(entry))
                entry = []
            inside = bool(HEADING.match(line))
        elif inside and ENTRY.match(line):
            if entry:
                parts.append(_part(entry))
            entry = [line]
        elif inside and entry and line.startswith((" ", "\t")):
            entry.append(line.strip())
        elif inside and entry and line.strip():
            parts.append(_part(entry))
            entry = []
    return tuple(parts)


def _part(lines: list[str]) -> Part:
    found = ENTRY.match(lines[0])
    assert found is not None
    rest = " ".join([found["rest"].strip(), *lines[1:]]).strip()
    limit = LIMIT.search(rest)
    return Part(
        title=found["title"].strip(" :."),
        kinds=tuple(dict.fromkeys(KIND.findall(rest))),
        limit=int(limit[1]) if limit else None,
        guidance=rest.lstrip(" -–—:"),
    )
