"""A version as a zip archive: as it is, or in the strict form that validators of Agent Skills accept.

Archives are the same bytes each time: sorted, without dates, and stored without compression, because compressed bytes differ from
library to library.
"""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

from sales_app.skills.errors import SkillError
from sales_app.skills.folders import check_paths
from sales_app.skills.text import FILE, SkillText, parse

MAX_DESCRIPTION = 1024
MAX_COMPATIBILITY = 500
_DATE = (1980, 1, 1, 0, 0, 0)
_PLAIN = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_WORDS_OF_YAML = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def archive(name: str, files: dict[str, bytes]) -> bytes:
    """``files`` in one folder ``name``."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
        for path in sorted(files):
            entry = zipfile.ZipInfo(f"{name}/{path}", date_time=_DATE)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            made.writestr(entry, files[path])
    return out.getvalue()


def write_folder(place: Path, files: dict[str, bytes]) -> None:
    """Writes into ``place``, which must not hold anything yet. Raises ``SkillError`` ``export_taken``."""
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise SkillError(
            "export_taken", f"{place} is there already.", "Name another folder, or empty it first."
        )
    check_paths(files)
    for path, content in files.items():
        target = place / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def strict(name: str, files: dict[str, bytes]) -> dict[str, bytes]:
    """The same folder with a SKILL.md that holds standard keys only; whatever else it had is a text in ``metadata``."""
    text = parse(files[FILE])
    front = "\n".join(_frontmatter(name, text))
    return {**files, FILE: f"---\n{front}\n---\n{text.body}".encode()}


def _frontmatter(name: str, text: SkillText) -> list[str]:
    extras = dict(text.extras)
    metadata = dict(text.metadata)
    rest: dict[str, str] = {}
    if text.name not in {"", name}:
        rest["name"] = text.name
    if text.argument_hint:
        rest["argument-hint"] = text.argument_hint
    description = text.description
    if len(description) > MAX_DESCRIPTION:
        rest["description"] = description
        description = description[: MAX_DESCRIPTION - 1] + "…"
    standard = {"name": name, "description": description}
    for key in ("license", "compatibility", "allowed-tools"):
        value = _as_text(key, extras.pop(key, ""))
        if key == "compatibility" and len(value) > MAX_COMPATIBILITY:
            rest[key] = value
        elif value.strip():
            standard[key] = value
    rest.update((key, _as_text(key, value)) for key, value in extras.items())
    for key, value in rest.items():
        metadata[_free(key, metadata)] = value
    lines = [f"{key}: {_scalar(value)}" for key, value in standard.items()]
    if metadata:
        lines += ["metadata:", *(f"  {_scalar(key)}: {_scalar(value)}" for key, value in metadata.items())]
    return lines


def _as_text(key: str, value: Any) -> str:
    if key == "allowed-tools" and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return " ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _free(key: str, taken: dict[str, str]) -> str:
    made, number = key, 2
    while made in taken:
        made, number = f"{key}-{number}", number + 1
    return made


def _scalar(value: str) -> str:
    """Plain where nobody can take it for anything else, else in double quotes with escapes."""
    if _PLAIN.fullmatch(value) and value not in _WORDS_OF_YAML:
        return value
    quoted = "".join(_escaped(character) for character in value)
    # Some readers look for the closing line anywhere in the text.
    return '"' + quoted.replace("---", "--\\x2D") + '"'


def _escaped(character: str) -> str:
    number = ord(character)
    if character in '"\\':
        return f"\\{character}"
    if character == " " or (character.isprintable() and number < 0xFFFE):
        return character
    return (
        f"\\x{number:02X}"
        if number < 0x100
        else f"\\u{number:04X}"
        if number < 0x10000
        else f"\\U{number:08X}"
    )
