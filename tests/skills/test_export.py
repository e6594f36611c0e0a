"""Out again: byte for byte, and in the form that the format's own validator accepts."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from skills_ref import validate

from sales_app.skills import exporting
from sales_app.skills.archives import read_archive
from sales_app.skills.directories import LEFT_BEHIND, read_directory
from sales_app.skills.errors import SkillError
from sales_app.skills.exporting import archive, strict
from sales_app.skills.finding import skills_in
from sales_app.skills.folders import check_folder
from sales_app.skills.text import parse
from tests.skills.conftest import folder

ODD = (
    "\ufeff---\r\nname: Call Prep\r\ndescription: 'Closes --- and: \"opens\" \\ ü 🙂'\r\n"
    "argument-hint: [account] [meeting]\r\nallowed-tools:\r\n  - Read\r\n  - Bash(git:*)\r\nlicense: MIT\r\n"
    "version: 1.10\r\nauthor: {name: A, tags: [x, y]}\r\nmetadata:\r\n  version: 2\r\n  nested: {a: [b]}\r\n"
    f"compatibility: {'x' * 501}\r\n---\r\nBody\r\n---\r\nmore"
).encode()


def accepted(name: str, files: dict[str, bytes], where: Path) -> list[str]:
    """What the validator has against it."""
    exporting.write_folder(where / name, files)
    return list(validate(where / name))


def test_native_archives_are_the_same_bytes_each_time() -> None:
    files = folder(**{"reference/z.md": b"\r\n", "a.bin": b"\x00\xff", "reference/ä.md": b""})
    made = archive("call-prep", files)
    assert archive("call-prep", dict(reversed(files.items()))) == made
    with zipfile.ZipFile(io.BytesIO(made)) as opened:
        assert opened.namelist() == sorted(f"call-prep/{path}" for path in files)
    (found,) = skills_in(read_archive(made))
    assert (found.name, found.files) == ("call-prep", files)


def test_strict_moves_what_the_format_does_not_know() -> None:
    files = strict("call-prep", {"SKILL.md": ODD, "reference/a.md": b"\r\n"})
    text = parse(files["SKILL.md"])
    assert files["reference/a.md"] == b"\r\n"
    assert (text.name, text.description) == ("call-prep", 'Closes --- and: "opens" \\ ü 🙂')
    assert text.extras == {"license": "MIT", "allowed-tools": "Read Bash(git:*)"}
    assert text.metadata == {
        "version": "2",
        "nested": '{"a": ["b"]}',
        "name": "Call Prep",
        "argument-hint": "[account] [meeting]",
        "compatibility": "x" * 501,
        "version-2": "1.10",
        "author": '{"name": "A", "tags": ["x", "y"]}',
    }
    assert text.body == "Body\n---\nmore"


def test_the_validators_own_command_accepts_it(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("agentskills")), "validate"]
    exporting.write_folder(tmp_path / "native" / "call-prep", {"SKILL.md": ODD})
    exporting.write_folder(tmp_path / "strict" / "call-prep", strict("call-prep", {"SKILL.md": ODD}))
    native = subprocess.run(
        [*command, str(tmp_path / "native" / "call-prep")], capture_output=True, check=False
    )
    assert native.returncode == 1
    made = subprocess.run(
        [*command, str(tmp_path / "strict" / "call-prep")], capture_output=True, check=False
    )
    assert (made.returncode, made.stderr) == (0, b"")


def test_long_descriptions_are_cut_and_kept(tmp_path: Path) -> None:
    raw = f"---\nname: a\ndescription: {'word ' * 400}\n---\n".encode()
    files = strict("a", {"SKILL.md": raw})
    text = parse(files["SKILL.md"])
    assert len(text.description) == 1024
    assert text.metadata["description"] == ("word " * 400).strip()
    assert accepted("a", files, tmp_path) == []


def test_a_folder_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_text("mine")
    with pytest.raises(SkillError) as refused:
        exporting.write_folder(tmp_path / "a", folder())
    assert refused.value.code == "export_taken"
    with pytest.raises(SkillError):
        exporting.write_folder(tmp_path / "c", {"../out": b""})
    assert not (tmp_path / "out").exists()


NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\:"), min_size=1, max_size=12
).filter(lambda name: name not in {".", ".."} | LEFT_BEHIND and len(name.encode()) < 200)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
VALUES = st.recursive(
    st.text(max_size=30),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)
LINES = st.one_of(
    st.builds("{}: {}".format, st.text(max_size=10), st.text(max_size=30)),
    st.builds(
        "{}: {!r}".format,
        st.sampled_from(["license", "compatibility", "allowed-tools", "metadata", "x y"]),
        VALUES,
    ),
    st.sampled_from(
        [
            "argument-hint: [account] [note]",
            "metadata:\n  a: 1\n  'b c': [x]\n  '': y",
            "license: >\n  one\n  two",
            "compatibility: no",
            "allowed-tools: [Read, {a: b}]",
            "user-invocable: true",
            '? "a\\nb": c',
            "name: Call Prep",
            'x: "\\ud800 \\0 \\x85 \\u2028"',
            "---x: y",
            "# comment",
            "a: &b c",
            "d: *b",
        ]
    ),
)
TEXTS = st.builds(
    lambda mark, newline, lines, body, end: (
        mark + newline.join(["---", "description: Use: it", *lines, "---", body + end])
    ).encode("utf-8", "replace"),
    st.sampled_from(["", "\ufeff"]),
    st.sampled_from(["\n", "\r\n"]),
    st.lists(LINES, max_size=6),
    st.text(max_size=60),
    st.sampled_from(["", "\n", "\r\n---\r\n"]),
)
FOLDERS = st.builds(
    lambda text, more: {"SKILL.md": text, **more},
    TEXTS,
    st.dictionaries(
        PATHS,
        st.binary(max_size=40),
        max_size=5,
    ),
)


def usable(files: dict[str, bytes]) -> bool:
    """Whether what was drawn can be a skill at all: paths that stand beside each other, frontmatter that is one."""
    try:
        check_folder(files)
        parse(files["SKILL.md"])
    except SkillError:
        return False
    return True


@settings(max_examples=100, deadline=None)
@given(FOLDERS.filter(usable))
def test_native_round_trips(files: dict[str, bytes]) -> None:
    """Over an archive and over a disk, in and out again: the same bytes."""
    (found,) = skills_in(read_archive(archive("call-prep", files)))
    assert (found.name, found.files) == ("call-prep", files)
    with TemporaryDirectory() as made:
        exporting.write_folder(Path(made, "call-prep"), files)
        again = read_directory(Path(made, "call-prep"))
    assert again == files
    assert archive("call-prep", again) == archive("call-prep", files)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
@example(b"---\ndescription: x\n'': y\nmetadata: {'': z}\n---\n")
@example('---\ndescription: "\\ud83d\\ude42 \U0001f642"\n---\n'.encode())
def test_strict_always_validates_and_means_the_same(raw: bytes) -> None:
    try:
        before = parse(raw)
    except SkillError:
        return
    files = strict("call-prep", {"SKILL.md": raw})
    with TemporaryDirectory() as made:
        assert accepted("call-prep", files, Path(made)) == []
    after = parse(files["SKILL.md"])
    assert (after.name, after.description, after.body, after.warnings) == (
        "call-prep",
        before.description,
        before.body,
        (),
    )
    assert {key: after.metadata[key] for key in before.metadata} == before.metadata
    assert strict("call-prep", files) == files
