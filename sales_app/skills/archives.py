"""A zip archive read into ``{path: bytes}``, in memory: nothing is written to disk, nothing is believed unseen.

What the archive's directory says of sizes is checked first. It is read in small parts, and never further than that directory said:
an archive that says less than it holds is broken to us.
"""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator

from sales_app.skills import folders
from sales_app.skills.directories import LEFT_BEHIND, MAX_BYTES, MAX_FILES, file_too_big, not_plain
from sales_app.skills.errors import SkillError

MAX_ARCHIVE = 24 * 1024**2
MAX_RATIO = 200  # unpacked to packed, of what is large enough to matter
RATIO_FROM = 256 * 1024
_CHUNK = 64 * 1024
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def read_archive(raw: bytes) -> dict[str, bytes]:
    """Every file of the archive. Raises ``SkillError`` with a code that begins with ``archive_``, ``path_`` or ``file_``."""
    if len(raw) > MAX_ARCHIVE:
        raise _too_big()
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return _read(archive)
    except _BROKEN:
        raise SkillError(
            "archive_broken",
            "This is no zip archive that can be read.",
            "Zip the skill's folder again, without a password and with the usual method.",
        ) from None


def _read(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = list(_files(archive))
    if len(archive.infolist()) > MAX_FILES:
        raise SkillError(
            "archive_too_many",
            f"The archive has {len(archive.infolist()):,} entries.",
            f"At most {MAX_FILES:,} are read: zip only the skill's folder.",
        )
    folders.check_paths(path for path, _ in entries)
    if sum(entry.file_size for _, entry in entries) > MAX_BYTES:
        raise _too_big()
    return {path: _unpack(archive, entry) for path, entry in entries}


def _files(archive: zipfile.ZipFile) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """Path and entry of each file. Checked here, before anything is unpacked: kind, method, claimed sizes."""
    for entry in archive.infolist():
        # zipfile ends a name at a NUL; what stands in the archive is judged.
        path = entry.orig_filename
        is_folder = path.endswith("/")
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind and not (stat.S_ISDIR(kind) if is_folder else stat.S_ISREG(kind)):
            raise not_plain(path)
        folders.check_path(path.rstrip("/") if is_folder else path)
        if is_folder or any(part in LEFT_BEHIND for part in path.split("/")):
            continue
        if entry.flag_bits & 0x1 or entry.compress_type not in _METHODS:
            raise SkillError(
                "archive_method",
                f"“{path[:120]}” has a password or an unusual compression.",
                "Zip the folder without a password, with the usual method (deflate).",
            )
        if entry.file_size > folders.MAX_FILE_BYTES:
            raise file_too_big(path)
        _check_ratio(path, entry.file_size, entry.compress_size)
        yield path, entry


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as opened:
        # In one go it would decompress all that there is before it cuts what is more than was said.
        parts = list(iter(lambda: opened.read(_CHUNK), b""))
    return b"".join(parts)


def _check_ratio(path: str, unpacked: int, packed: int) -> None:
    if unpacked > RATIO_FROM and unpacked > MAX_RATIO * max(packed, 1):
        raise SkillError(
            "archive_ratio",
            f"“{path[:120]}” would grow to more than {MAX_RATIO} times its size.",
            "Leave it out, or import the unpacked folder with `manage.py skills import`.",
        )


def _too_big() -> SkillError:
    return SkillError(
        "archive_too_big",
        f"The archive has more than {MAX_ARCHIVE // 1024**2} MiB, or more than {MAX_BYTES // 1024**2} when unpacked.",
        "Import its skills one by one, and leave large files out.",
    )
