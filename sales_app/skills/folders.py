"""What a skill's folder may hold: names, paths, sizes. Plain functions over ``{path: bytes}``."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from sales_app.skills.errors import SkillError
from sales_app.skills.text import FILE

Folder = dict[str, bytes]

MAX_FILES = 500
MAX_FILE_BYTES = 4 * 1024**2
MAX_BYTES = 16 * 1024**2
MAX_PATH = 300  # characters, as in the database
MAX_NAME = 64

# Archives by their first bytes. Office documents are zip archives too: those are files to us, known by their names.
_ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!",
    b"\x28\xb5\x2f\xfd",
)
_DOCUMENTS = (".docx", ".dotx", ".xlsx", ".xltx", ".pptx", ".potx", ".odt", ".ods", ".odp", ".epub")

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_DRIVE = re.compile(r"^[A-Za-z]:")


def check_name(name: str) -> None:
    """Raises ``SkillError`` ``skill_name`` unless it is a name of Agent Skills."""
    if len(name) > MAX_NAME or not _NAME.fullmatch(name):
        raise SkillError(
            "skill_name",
            f"“{name[:80]}” cannot be the name of a skill.",
            f"Use 1 to {MAX_NAME} lowercase letters, digits and single hyphens, such as call-prep.",
        )


def name_from(*candidates: str) -> str:
    """The first of the candidates that is a name, or becomes one: ``Call Prep`` is ``call-prep``. Raises ``skill_name``."""
    for candidate in candidates:
        plain = unicodedata.normalize("NFKD", candidate).encode("ascii", "ignore").decode().lower()
        made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
        if made and len(made) <= MAX_NAME:
            return made
    raise SkillError(
        "skill_name",
        f"No name for the skill can be made of “{(candidates or ('',))[0][:80]}”.",
        f"Name its folder with 1 to {MAX_NAME} lowercase letters, digits and hyphens, such as call-prep.",
    )


def check_path(path: str) -> None:
    """Raises ``SkillError``: ``path_absolute``, ``path_outside`` or ``path_name``."""
    shown = path[:120].encode("ascii", "backslashreplace").decode() if not path.isprintable() else path[:120]
    parts = path.split("/")
    if path.startswith("/") or _DRIVE.match(path):
        raise SkillError(
            "path_absolute",
            f"“{shown}” is an absolute path.",
            "Make the archive of the skill's folder itself, so that its paths are relative.",
        )
    if ".." in parts or "\\" in path:
        raise SkillError(
            "path_outside",
            f"“{shown}” may lead out of the folder.",
            "Use relative paths with forward slashes and without “..”.",
        )
    if not path or any(part in {"", "."} for part in parts) or len(path) > MAX_PATH or _odd(path):
        raise SkillError(
            "path_name",
            f"“{shown}” is no usable file name.",
            f"Use names without control characters, {MAX_PATH} characters at most with their folders.",
        )


def _odd(path: str) -> bool:
    return any(unicodedata.category(character) in {"Cc", "Cs"} for character in path)


def check_paths(paths: Iterable[str]) -> None:
    """Each by itself, and all together: raises ``path_twice`` when a file system could not hold both of two."""
    files: dict[str, str] = {}  # by what a file system may fold them to, as they are written
    above: dict[str, str] = {}
    for path in paths:
        check_path(path)
        parts = path.split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            _take(folder, above.setdefault(folded(folder), folder), files.get(folded(folder)))
        _take(path, files.get(folded(path)), above.get(folded(path)), fresh=True)
        files[folded(path)] = path


def _take(path: str, same: str | None, other: str | None, *, fresh: bool = False) -> None:
    """``same`` and ``other`` are what has the place already, of the same kind and of the other one."""
    clash = other if other is not None else same if same is not None and (fresh or same != path) else None
    if clash is not None:
        raise SkillError(
            "path_twice",
            f"“{clash[:120]}” and “{path[:120]}” are the same name to some systems.",
            "Rename one of them.",
        )


def in_order(paths: Iterable[str]) -> list[str]:
    """As people read them: SKILL.md first, then by path."""
    return sorted(paths, key=lambda path: (path != FILE, path))


def folded(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def check_folder(files: Folder) -> None:
    """Everything but SKILL.md's own text. Raises ``SkillError``."""
    check_paths(files)
    if FILE not in files:
        other = next((path for path in files if path.lower() == FILE.lower()), "")
        raise SkillError(
            "skill_no_text",
            f"The folder has no {FILE}.",
            f"Rename {other} to {FILE}." if other else f"Put a {FILE} at the top of the folder.",
        )
    if len(files) > MAX_FILES:
        raise SkillError(
            "folder_too_many",
            f"The folder has {len(files):,} files.",
            f"At most {MAX_FILES} are kept: leave some out.",
        )
    for path, content in files.items():
        if len(content) > MAX_FILE_BYTES:
            raise SkillError(
                "file_too_big",
                f"“{path[:120]}” has {len(content) / 1024**2:.1f} MiB.",
                f"A file may have {MAX_FILE_BYTES // 1024**2}: split it, or leave it out.",
            )
        if content.startswith(_ARCHIVES) and not path.lower().endswith(_DOCUMENTS):
            raise SkillError(
                "archive_nested",
                f"“{path[:120]}” is an archive inside the skill.",
                "Unpack it and put its files in its place, or leave it out.",
            )
    if (size := sum(map(len, files.values()))) > MAX_BYTES:
        raise SkillError(
            "folder_too_big",
            f"The folder has {size / 1024**2:.1f} MiB.",
            f"At most {MAX_BYTES // 1024**2} are kept: leave large files out.",
        )


def digest_of(files: Folder) -> str:
    """SHA-256 over paths and contents, each with its length, in the order of the paths."""
    made = hashlib.sha256()
    for path in sorted(files):
        for part in (path.encode(), files[path]):
            made.update(len(part).to_bytes(8, "big"))
            made.update(part)
    return made.hexdigest()
