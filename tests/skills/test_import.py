"""Folders, archives and foreign plug-ins: what comes in, byte for byte, and what does not."""

import io
import json
import os
import stat
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from sales_app.people.models import User
from sales_app.skills import archives, directories, exporting, folders, store
from sales_app.skills.archives import read_archive
from sales_app.skills.directories import read_directory
from sales_app.skills.errors import SkillError
from sales_app.skills.finding import skills_in
from sales_app.skills.importing import import_archive, import_path
from sales_app.skills.models import Skill, SkillVersion
from tests.skills.conftest import Drafted, folder

Entry = tuple[str | zipfile.ZipInfo, bytes]


def zipped(*entries: Entry, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in entries:
            made.writestr(name, content)
    return out.getvalue()


def special(name: str, kind: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system, entry.external_attr = 3, (kind | 0o777) << 16
    return entry


TEXT: Entry = ("call-prep/SKILL.md", folder()["SKILL.md"])


def encrypted() -> bytes:
    """As an archive with a password says of itself, in both of its directories."""
    raw = bytearray(zipped(TEXT))
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def lying() -> bytes:
    """Says that it unpacks to 10 bytes, and unpacks to 64 MiB."""
    raw = zipped(("call-prep/x.bin", bytes(64 * 1024**2)))
    size = (64 * 1024**2).to_bytes(4, "little")
    assert raw.count(size) == 2
    return raw.replace(size, (10).to_bytes(4, "little"))


def twice() -> bytes:
    """Two entries of one name, as ``zipfile`` itself would not write them without a warning."""
    return zipped(TEXT, ("call-prep/a.md", b"1"), ("call-prep/b.md", b"2")).replace(
        b"prep/b.md", b"prep/a.md"
    )


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "no-zip": (lambda: b"SKILL.md", "archive_broken"),
    "truncated": (lambda: zipped(TEXT)[:-30], "archive_broken"),
    "damaged": (lambda: zipped(TEXT, method=zipfile.ZIP_STORED).replace(b"Prep", b"Xrep"), "archive_broken"),
    "password": (encrypted, "archive_method"),
    "bzip2": (lambda: zipped(TEXT, method=zipfile.ZIP_BZIP2), "archive_method"),
    "too-many": (lambda: zipped(TEXT, *((f"call-prep/{n}", b"") for n in range(4001))), "archive_too_many"),
    "too-large": (lambda: bytes(archives.MAX_ARCHIVE + 1), "archive_too_big"),
    "one-too-large": (lambda: zipped(TEXT, ("call-prep/x", os.urandom(4 * 1024**2 + 1))), "file_too_big"),
    "total": (
        lambda: zipped(TEXT, *((f"call-prep/{n}", (b"%7d" % n + os.urandom(60000)) * 64) for n in range(18))),
        "archive_too_big",
    ),
    "bomb": (lambda: zipped(TEXT, ("call-prep/x", bytes(4 * 1024**2))), "archive_ratio"),
    "nested": (lambda: zipped(TEXT, ("call-prep/assets/more.zip", zipped(TEXT))), "archive_nested"),
    "nested-in-disguise": (
        lambda: zipped(TEXT, ("call-prep/notes.md", b"\x1f\x8b\x08more")),
        "archive_nested",
    ),
    "traversal": (lambda: zipped(TEXT, ("call-prep/../../x", b"")), "path_outside"),
    "traversal-folder": (lambda: zipped(TEXT, ("../", b"")), "path_outside"),
    "backslash": (lambda: zipped(TEXT, ("call-prep\\..\\x", b"")), "path_outside"),
    "absolute": (lambda: zipped(TEXT, ("/etc/x", b"")), "path_absolute"),
    "drive": (lambda: zipped(TEXT, ("C:/x", b"")), "path_absolute"),
    "symlink": (
        lambda: zipped(TEXT, (special("call-prep/a", stat.S_IFLNK), b"/etc/passwd")),
        "file_not_plain",
    ),
    "device": (lambda: zipped(TEXT, (special("call-prep/a", stat.S_IFCHR), b"")), "file_not_plain"),
    "pipe": (lambda: zipped(TEXT, (special("call-prep/a", stat.S_IFIFO), b"")), "file_not_plain"),
    "link-as-folder": (
        lambda: zipped(TEXT, (special("call-prep/a/", stat.S_IFLNK), b"/etc")),
        "file_not_plain",
    ),
    "same-name": (twice, "path_twice"),
    "same-but-case": (lambda: zipped(TEXT, ("call-prep/a.md", b""), ("call-prep/A.md", b"")), "path_twice"),
    "same-but-composed": (
        lambda: zipped(TEXT, ("call-prep/\u00e4", b""), ("call-prep/a\u0308", b"")),
        "path_twice",
    ),
    "folders-by-case": (lambda: zipped(TEXT, ("call-prep/a/x", b""), ("call-prep/A/y", b"")), "path_twice"),
    "file-and-folder": (lambda: zipped(TEXT, ("call-prep/a", b""), ("call-prep/a/x", b"")), "path_twice"),
    "control": (lambda: zipped(TEXT, ("call-prep/a\x1b[2J", b"")), "path_name"),
    "long-name": (lambda: zipped(TEXT, ("call-prep/" + "x" * 300, b"")), "path_name"),
    "empty-part": (lambda: zipped(TEXT, ("call-prep//x", b"")), "path_name"),
    "dot": (lambda: zipped(TEXT, ("call-prep/./x", b"")), "path_name"),
    "no-text": (lambda: zipped(("call-prep/README.md", b"")), "skill_no_text"),
    "empty": (lambda: zipped(), "skill_no_text"),
    "text-in-lower-case": (lambda: zipped(("call-prep/skill.md", b"")), "skill_no_text"),
    "text-not-utf8": (lambda: zipped(("call-prep/SKILL.md", b"---\nname: \xe4\n---\n")), "skill_not_utf8"),
    "no-frontmatter": (lambda: zipped(("call-prep/SKILL.md", b"# Hi")), "skill_no_frontmatter"),
    "no-usable-name": (
        lambda: zipped(("\u547c\u53eb/SKILL.md", b"---\ndescription: x\n---\n")),
        "skill_name",
    ),
    "long-skill-name": (
        lambda: zipped(("x" * 65 + "/SKILL.md", b"---\ndescription: x\n---\n")),
        "skill_name",
    ),
    "two-of-a-name": (
        lambda: zipped(("a/call-prep/SKILL.md", TEXT[1]), ("b/call-prep/SKILL.md", TEXT[1])),
        "skill_twice",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_a_code_and_a_way_out(db: None, case: str) -> None:
    make, code = REFUSED[case]
    with pytest.raises(SkillError) as refused:
        import_archive(make(), called="upload", by=None)
    assert refused.value.code == code
    assert refused.value.message and refused.value.fix
    assert not Skill.objects.exists()


def test_an_archive_that_lies_of_its_size_is_not_unpacked() -> None:
    raw = lying()
    tracemalloc.start()
    try:
        with pytest.raises(SkillError) as refused:
            read_archive(raw)
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024**2
    finally:
        tracemalloc.stop()
    assert refused.value.code == "archive_broken"


def test_nul_in_a_name_is_seen() -> None:
    raw = zipped(TEXT, ("call-prep/ab.md", b"")).replace(b"call-prep/ab.md", b"call-prep/a\0.md")
    with pytest.raises(SkillError) as refused:
        read_archive(raw)
    assert refused.value.code == "path_name"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_archives_are_refused_or_read(data: st.DataObject) -> None:
    raw = bytearray(zipped(TEXT, ("call-prep/reference/a.md", b"A" * 100), ("call-prep/b", b"")))
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=6)):
        raw[place] = data.draw(st.integers(0, 255))
    try:
        skills_in(read_archive(bytes(raw)))
    except SkillError as refused:
        assert refused.fix


def test_office_documents_are_files(db: None) -> None:
    document = zipped(("word/document.xml", b"<x/>"))
    made = import_archive(zipped(TEXT, ("call-prep/assets/letter.docx", document)), called="x", by=None)
    assert store.files_of(made.drafts[0])["assets/letter.docx"] == document


def test_what_systems_leave_behind_is_left_out(db: None) -> None:
    raw = zipped(TEXT, ("__MACOSX/call-prep/._SKILL.md", b"x"), ("call-prep/.DS_Store", b"x"))
    (version,) = import_archive(raw, called="x", by=None).drafts
    assert list(store.files_of(version)) == ["SKILL.md"]


@pytest.mark.parametrize("kind", ["link", "link-to-folder", "pipe"])
def test_links_and_pipes_in_a_folder(tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secret"
    (secret / "deep").mkdir(parents=True)
    (secret / "file").write_text("secret")
    root = tmp_path / "call-prep"
    root.mkdir()
    (root / "SKILL.md").write_bytes(TEXT[1])
    if kind == "pipe":
        os.mkfifo(root / "odd")
    else:
        (root / "odd").symlink_to(secret / ("file" if kind == "link" else "deep"))
    with pytest.raises(SkillError) as refused:
        read_directory(root)
    assert refused.value.code == "file_not_plain"


def test_limits_of_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "call-prep"
    root.mkdir()
    for number in range(3):
        (root / str(number)).write_bytes(b"x" * 10)
    monkeypatch.setattr(directories, "MAX_FILES", 2)
    with pytest.raises(SkillError, match="more than 2 files"):
        read_directory(root)
    monkeypatch.setattr(directories, "MAX_FILES", 3)
    assert len(read_directory(root)) == 3
    monkeypatch.setattr(directories, "MAX_BYTES", 29)
    with pytest.raises(SkillError) as refused:
        read_directory(root)
    assert refused.value.code == "folder_too_big"
    monkeypatch.setattr(folders, "MAX_FILE_BYTES", 9)
    with pytest.raises(SkillError) as refused:
        read_directory(root)
    assert refused.value.code == "file_too_big"


PLUGIN = {
    ".claude-plugin/plugin.json": json.dumps({"name": "Sales Plug-in", "version": "1.2"}).encode(),
    ".mcp.json": b'{"mcpServers": {"CRM": {"type": "http", "url": ""}}}',
    "CONNECTORS.md": b"~~CRM",
    "README.md": b"Hi",
    "commands/brief.md": b"---\ndescription: x\n---\n",
    "hooks/run.sh": b"rm -rf /",
    "skills/call-prep/SKILL.md": b"\xef\xbb\xbf---\r\nname: call-prep\r\ndescription: Use when: soon\r\nargument-hint: [a] [b]\r\n---\r\nBody",
    "skills/call-prep/reference/deep/notes.md": b"n\r\no",
    "skills/call-prep/scripts/run.py": b"raise SystemExit(1)",
    "skills/call-prep/assets/logo.png": b"\x89PNG\x00\xff",
    "skills/call-prep/reference/example/SKILL.md": b"no skill of its own",
    "skills/Deal Review/SKILL.md": b"---\nname: Deal Review\ndescription: x\nmetadata:\n  a: {b: 1}\n---",
    "skills/notes.md": b"not a skill",
}


def written(root: Path, files: dict[str, bytes]) -> Path:
    for path, content in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return root


@pytest.mark.parametrize("form", ["folder", "zip", "zip-in-a-folder"])
def test_a_foreign_plugin_comes_in_unchanged(db: None, tmp_path: Path, revops: User, form: str) -> None:
    if form == "folder":
        made = import_path(written(tmp_path / "plugin", PLUGIN), by=revops)
    else:
        above = "plugin-main/" if form == "zip-in-a-folder" else ""
        place = tmp_path / "plugin.zip"
        place.write_bytes(zipped(*((above + path, content) for path, content in PLUGIN.items())))
        made = import_path(place, by=revops)
    by_name = {version.skill.name: version for version in made.drafts}
    assert sorted(by_name) == ["call-prep", "deal-review"]
    for name, top in (("call-prep", "skills/call-prep/"), ("deal-review", "skills/Deal Review/")):
        assert store.files_of(by_name[name]) == {
            path.removeprefix(top): content for path, content in PLUGIN.items() if path.startswith(top)
        }
    version = by_name["call-prep"]
    assert (version.origin, version.state, version.created_by) == ("imported", "draft", revops)
    assert version.note == "From the plug-in “Sales Plug-in”"
    assert store.text_of(version).argument_hint == "[a] [b]"


def test_a_manifest_may_name_other_places() -> None:
    files = {
        ".claude-plugin/plugin.json": b'\xef\xbb\xbf{"name": "x", "skills": ["./more/", "./one"], "y": 1}',
        "skills/a/SKILL.md": TEXT[1],
        "more/b/SKILL.md": TEXT[1],
        "one/SKILL.md": TEXT[1],
        "elsewhere/c/SKILL.md": TEXT[1],
    }
    assert sorted(found.name for found in skills_in(files)) == ["a", "b", "one"]


def test_a_plugin_with_a_broken_manifest_still_has_skills() -> None:
    files = {".claude-plugin/plugin.json": b"{", "skills/a/SKILL.md": TEXT[1], "commands/c/SKILL.md": TEXT[1]}
    assert [(found.name, found.plugin) for found in skills_in(files)] == [("a", "")]


def test_a_skill_at_the_top_is_named_by_its_text() -> None:
    assert [found.name for found in skills_in(folder("deal-review"), called="download (2)")] == [
        "deal-review"
    ]
    unnamed = {"SKILL.md": b"---\ndescription: x\n---\n"}
    assert [found.name for found in skills_in(unnamed, called="Call Prep")] == ["call-prep"]


def test_importing_again_makes_nothing(db: None, revops: User) -> None:
    raw = zipped(TEXT)
    (version,) = import_archive(raw, called="x", by=revops).drafts
    again = import_archive(raw, called="x", by=revops)
    assert (again.drafts, again.unchanged) == ((), (version,))


def test_importing_over_a_published_skill_makes_a_draft(drafted: Drafted, revops: User) -> None:
    ours = store.publish(drafted("Ours"), by=revops, note="")
    (version,) = import_archive(zipped(TEXT), called="x", by=revops).drafts
    assert (version.number, version.based_on) == (2, ours)
    assert store.published("call-prep") == ours


def test_the_command(db: None, tmp_path: Path, revops: User, capsys: pytest.CaptureFixture[str]) -> None:
    root = written(tmp_path / "call-prep", folder(**{"reference/a.md": b"A"}))
    call_command("skills", "import", str(root), "--by", revops.email, "--note", "Trial", "--publish")
    version = store.published("call-prep")
    assert version is not None and version.created_by == revops
    call_command("skills", "list")
    call_command("skills", "export", "call-prep", str(tmp_path / "out"))
    assert read_directory(tmp_path / "out") == store.files_of(version)
    call_command("skills", "export", "call-prep", str(tmp_path / "out.zip"))
    assert (tmp_path / "out.zip").read_bytes() == exporting.archive("call-prep", store.files_of(version))
    said = capsys.readouterr().out
    assert "call-prep v1: published" in said and "call-prep" in said.split("published\n")[1]
    for words, match in (
        (["export", "call-prep", str(tmp_path / "out")], "export_taken"),
        (["export", "nothing", str(tmp_path / "x")], "no published version"),
        (["import", str(tmp_path / "absent")], "import_unread"),
        (["import", str(root), "--by", "nobody@example.com"], "Nobody"),
    ):
        with pytest.raises(CommandError, match=match):
            call_command("skills", *words)
    assert SkillVersion.objects.count() == 1
