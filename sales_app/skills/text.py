"""SKILL.md read: frontmatter and body. Nothing is written here; the bytes stay as they came.

Tolerant, because published skills are: byte order marks, CRLF, keys that no specification knows, values that are not quite
YAML (``argument-hint: [account] [note]``, a colon in an unquoted description). Scalars are kept as they are written: ``1.10``
and ``yes`` are texts here. Aliases are refused, so that a small file cannot stand for a large one.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from sales_app.skills.errors import SkillError

FILE = "SKILL.md"
MAX_BYTES = 1024**2
MAX_FRONTMATTER = 64 * 1024  # characters
MAX_DEPTH = 40

_FENCE = re.compile(r"^---[ \t]*$")
_NO_TEXT = re.compile("[\\x00\\ud800-\\udfff]")
# What may stand before the colon may not overlap with spaces in front of it: a long line would take minutes.
_KEY = re.compile(
    r"""^(?P<key>"[^"]*"[ \t]*|'[^']*'[ \t]*|[^\s#:\-"'{}\[\]][^:]*|-[^\s:][^:]*):(?:[ \t]+(?P<value>.*))?$"""
)


@dataclass(frozen=True, kw_only=True)
class SkillText:
    """``name`` is "" when the frontmatter has none: the folder's name counts then. ``description`` falls back to the first
    paragraph of the body. ``argument_hint`` is as people type it: ``[account or meeting]``. ``metadata`` has texts only, nested
    values as JSON. ``extras`` are the other keys in order, as texts, lists and mappings. ``warnings`` are sentences about
    what was not read as it stands.
    """

    name: str
    description: str
    argument_hint: str
    metadata: dict[str, str]
    extras: dict[str, Any]
    body: str
    warnings: tuple[str, ...] = field(default=())


def parse(raw: bytes) -> SkillText:
    """Raises ``SkillError`` with code ``skill_text_too_big``, ``skill_not_utf8``, ``skill_no_frontmatter`` or
    ``skill_no_description``, and nothing else."""
    values, body, warnings = _split(raw)
    metadata = values.pop("metadata", None)
    name, hint = _text(values.pop("name", "")), _text(values.pop("argument-hint", ""))
    description = _text(values.pop("description", "")).strip() or _first_paragraph(body)
    if not description:
        raise SkillError(
            "skill_no_description",
            "This SKILL.md says nowhere what the skill is for.",
            "Add a line such as `description: Prepares a call. Use it before a meeting.` to its frontmatter.",
        )
    if isinstance(metadata, dict):
        known = {key: _text(value) for key, value in metadata.items()}
    else:
        known = {}
        if metadata not in (None, "", []):
            values["metadata"] = metadata
            warnings.append("`metadata` is no list of keys with values, so it is not read.")
    return SkillText(
        name=name.strip(),
        description=description,
        argument_hint=hint.strip(),
        metadata=known,
        extras=values,
        body=body,
        warnings=tuple(warnings),
    )


def plain_lines(text: str) -> str:
    """Without a byte order mark, with plain line ends."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _split(raw: bytes) -> tuple[dict[str, Any], str, list[str]]:
    if len(raw) > MAX_BYTES:
        raise SkillError(
            "skill_text_too_big",
            f"SKILL.md has {len(raw) // 1024:,} KiB; at most {MAX_BYTES // 1024:,} are read.",
            "Move long parts into files of reference/, which are read when they are needed.",
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SkillError(
            "skill_not_utf8",
            f"SKILL.md is not UTF-8: byte {error.start} cannot be read.",
            "Save it as UTF-8.",
        ) from None
    lines = plain_lines(text).replace("\0", "\ufffd").lstrip("\n").split("\n")
    end = next((place for place, line in enumerate(lines[1:], 1) if _FENCE.match(line)), 0)
    if not _FENCE.match(lines[0]) or not end:
        raise SkillError(
            "skill_no_frontmatter",
            "SKILL.md has no frontmatter.",
            "Begin it with a line `---`, then `name:` and `description:`, then another line `---`.",
        )
    front = lines[1:end]
    if sum(len(line) + 1 for line in front) > MAX_FRONTMATTER:
        raise SkillError(
            "skill_text_too_big",
            f"The frontmatter of SKILL.md is longer than {MAX_FRONTMATTER:,} characters.",
            "Move what is long below its second `---`.",
        )
    warnings: list[str] = []
    values = _mapping(front, warnings)
    return values, "\n".join(lines[end + 1 :]), warnings


def _mapping(lines: list[str], warnings: list[str]) -> dict[str, Any]:
    """The frontmatter's values: as one YAML mapping, or entry by entry where it is none."""
    entries = _entries(lines)
    whole = _yaml("\n".join(lines))
    if whole is None:
        return {}
    if isinstance(whole, dict):
        values = {str(key): value for key, value in whole.items()}
    else:
        values = {}
        for key, text in entries.items():
            read = _yaml(f"{_quoted(key)}: {text}" if "\n" not in text else f"{_quoted(key)}:{_nested(text)}")
            if isinstance(read, dict):
                values[key] = read.get(key, "")
            else:
                values[key] = " ".join(text.split())
                warnings.append(f"`{key}` is not valid YAML; it is taken as it is typed.")
        if not entries:
            warnings.append("The frontmatter holds no `key: value` lines.")
    # [account or meeting] is a list to YAML, and a hint to people.
    hint = entries.get("argument-hint", "")
    if hint and not isinstance(values.get("argument-hint"), str):
        values["argument-hint"] = " ".join(hint.split())
    return values


def _entries(lines: list[str]) -> dict[str, str]:
    """The text behind each key that begins a line; its continuation lines follow it as they are."""
    found: dict[str, list[str]] = {}
    key = ""
    for line in lines:
        begins = _KEY.match(line)
        if begins:
            key = begins["key"].strip().strip("\"'").strip()
            found[key] = [begins["value"] or ""]
        elif key:
            found[key].append(line)
    return {key: "\n".join(parts).rstrip() for key, parts in found.items()}


def _nested(text: str) -> str:
    first, _, rest = text.partition("\n")
    return f" {first}\n{rest}" if first else f"\n{rest}"


def _quoted(key: str) -> str:
    return json.dumps(key, ensure_ascii=True)


class _Unread:
    """What ``_yaml`` gives for text that it cannot read; None is an empty document."""


_UNREAD = _Unread()


class _Loader(yaml.BaseLoader):
    """Texts, lists and mappings only: no tag makes an object, no scalar becomes a number or a date."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent) or self.depth > MAX_DEPTH:
            raise yaml.YAMLError("aliases and deep nesting are not read")
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


def _yaml(text: str) -> Any:
    try:
        return _clean(yaml.load(text, Loader=_Loader))  # noqa: S506  # a BaseLoader makes no objects
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError):
        return _UNREAD


def _clean(value: Any) -> Any:
    """Escapes in YAML can make characters that no database and no UTF-8 takes."""
    if isinstance(value, dict):
        return {_clean(key): _clean(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_clean(each) for each in value]
    return _NO_TEXT.sub("\ufffd", value) if isinstance(value, str) else value


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _first_paragraph(body: str) -> str:
    for paragraph in re.split(r"\n\s*\n", body):
        lines = [line.strip() for line in paragraph.splitlines() if not line.lstrip().startswith("#")]
        if text := " ".join(filter(None, lines)):
            return text
    return ""
