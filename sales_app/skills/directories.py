"""A folder on disk read into ``{path: bytes}``. Nothing is followed, nothing but plain files is opened."""

import os
import stat
from pathlib import Path

from sales_app.skills import folders
from sales_app.skills.errors import SkillError

MAX_FILES = 4000
MAX_BYTES = 64 * 1024**2
# What systems and tools leave behind; it is nobody's text.
LEFT_BEHIND = frozenset({".DS_Store", ".git", "__MACOSX", "__pycache__"})


def read_directory(root: Path) -> dict[str, bytes]:
    """Every file below ``root``. Raises ``SkillError``; symbolic links, devices and pipes are refused, not skipped."""
    found: dict[str, bytes] = {}
    size = 0
    waiting = [""]
    while waiting:
        above = waiting.pop()
        for entry in sorted(os.scandir(root / above), key=lambda entry: entry.name):
            if entry.name in LEFT_BEHIND:
                continue
            path = f"{above}/{entry.name}" if above else entry.name
            folders.check_path(path)
            mode = entry.stat(follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode):
                waiting.append(path)
                continue
            if not stat.S_ISREG(mode):
                raise not_plain(path)
            if len(found) >= MAX_FILES:
                raise SkillError(
                    "folder_too_many",
                    f"There are more than {MAX_FILES:,} files.",
                    "Name the skill's own folder.",
                )
            content = _read(root / path, path)
            size += len(content)
            if size > MAX_BYTES:
                raise SkillError(
                    "folder_too_big",
                    f"There are more than {MAX_BYTES // 1024**2} MiB.",
                    "Name the skill's own folder.",
                )
            found[path] = content
    return found


def not_plain(path: str) -> SkillError:
    return SkillError(
        "file_not_plain",
        f"“{path[:120]}” is a link, a device or a pipe.",
        "Put the file itself in its place.",
    )


def file_too_big(path: str) -> SkillError:
    return SkillError(
        "file_too_big",
        f"“{path[:120]}” has more than {folders.MAX_FILE_BYTES // 1024**2} MiB.",
        "Split it, or leave it out.",
    )


def _read(place: Path, path: str) -> bytes:
    """Opened without following links: it may have been swapped since it was looked at."""
    try:
        number = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        raise not_plain(path) from None
    with os.fdopen(number, "rb") as opened:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise not_plain(path)
        content = opened.read(folders.MAX_FILE_BYTES + 1)
    if len(content) > folders.MAX_FILE_BYTES:
        raise file_too_big(path)
    return content
