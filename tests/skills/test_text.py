"""SKILL.md as it is found in the world."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sales_app.skills.errors import SkillError
from sales_app.skills.text import MAX_BYTES, SkillText, parse

PLAIN = b"""---
name: call-prep
description: Prepares a call.
argument-hint: [account or meeting]
metadata:
  clewline-produces: brief
  clewline-optional: "true"
---
# Call prep

Body.
"""


def read(front: str, body: str = "Body.\n") -> SkillText:
    return parse(f"---\n{front}\n---\n{body}".encode())


def test_the_usual() -> None:
    text = parse(PLAIN)
    assert (text.name, text.description, text.argument_hint) == (
        "call-prep",
        "Prepares a call.",
        "[account or meeting]",
    )
    assert text.metadata == {"clewline-produces": "brief", "clewline-optional": "true"}
    assert (text.extras, text.warnings) == ({}, ())
    assert text.body == "# Call prep\n\nBody.\n"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"\xef\xbb\xbf" + PLAIN, id="byte-order-mark"),
        pytest.param(PLAIN.replace(b"\n", b"\r\n"), id="crlf"),
        pytest.param(PLAIN.replace(b"\n", b"\r"), id="cr"),
        pytest.param(PLAIN.replace(b"---\n", b"---  \n"), id="blanks-behind-fences"),
        pytest.param(b"\n\n" + PLAIN, id="empty-lines-before"),
    ],
)
def test_the_same_in_other_bytes(raw: bytes) -> None:
    assert parse(raw) == parse(PLAIN)


def test_no_newline_at_the_end() -> None:
    assert parse(PLAIN.rstrip()).body == "# Call prep\n\nBody."
    assert parse(b"---\nname: a\ndescription: b\n---").body == ""


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("argument-hint: [account]", "[account]"),
        ('argument-hint: "[account]"', "[account]"),
        ("argument-hint: [account] [competitor]", "[account] [competitor]"),
        ("argument-hint: <account name>", "<account name>"),
        ("argument-hint: [account]: what for", "[account]: what for"),
        ("argument-hint: '@rep [when]'", "@rep [when]"),
        ("argument-hint: @rep", "@rep"),
        ("argument-hint:", ""),
    ],
)
def test_argument_hints_as_people_type_them(line: str, hint: str) -> None:
    assert read(f"name: a\ndescription: b\n{line}").argument_hint == hint


def test_scalars_stay_as_they_are_written() -> None:
    text = read("name: a\ndescription: b\nversion: 1.10\nmetadata:\n  on: yes\n  since: 2026-01-02\n  n: 007")
    assert text.extras == {"version": "1.10"}
    assert text.metadata == {"on": "yes", "since": "2026-01-02", "n": "007"}


def test_nested_metadata_and_unknown_keys_are_kept() -> None:
    text = read(
        "name: a\ndescription: b\nmetadata:\n  a:\n    - 1\n    - x: ü\nhooks:\n  pre: [run, stop]\nmodel: opus"
    )
    assert text.metadata == {"a": '["1", {"x": "ü"}]'}
    assert text.extras == {"hooks": {"pre": ["run", "stop"]}, "model": "opus"}


def test_metadata_that_is_no_mapping_is_kept_and_said() -> None:
    text = read("name: a\ndescription: b\nmetadata: [one, two]")
    assert (text.metadata, text.extras) == ({}, {"metadata": ["one", "two"]})
    assert "`metadata`" in text.warnings[0]


def test_a_colon_in_an_unquoted_description() -> None:
    text = read("name: a\ndescription: Use when: a call is near\n  and nobody prepared\nlicense: MIT")
    assert text.description == "Use when: a call is near and nobody prepared"
    assert text.extras == {"license": "MIT"}
    assert text.warnings == ("`description` is not valid YAML; it is taken as it is typed.",)


def test_a_line_of_spaces_takes_no_time() -> None:
    """Measured against another length, not against a clock: four times as long may not take sixteen times as long."""

    def seconds(length: int) -> float:
        raw = f"---\na{' ' * length}b\ndescription: x\n---\n".encode()
        began = time.process_time()
        assert parse(raw).description == "x"
        return time.process_time() - began

    assert seconds(60_000) < 8 * max(seconds(15_000), 0.05)


def test_keys_with_spaces_and_quotes_around_them() -> None:
    text = parse(b"---\nbroken: a: b\n\"name\" : one\n'argument-hint': [two]\ndescription  : three\n---\n")
    assert (text.name, text.argument_hint, text.description) == ("one", "[two]", "three")


def test_block_scalars() -> None:
    assert read("name: a\ndescription: >\n  one\n  two\n").description == "one two"
    assert read("name: a\ndescription: |\n  one\n  two\nbad: [x] [y]").description == "one\ntwo"


def test_description_from_the_first_paragraph() -> None:
    assert read("name: a", "# Title\n\nFirst\nparagraph.\n\nSecond.").description == "First paragraph."


def test_no_tag_makes_an_object() -> None:
    text = read("name: a\ndescription: b\nx: !!python/object/apply:os.getcwd []")
    assert text.extras == {"x": []}


def test_aliases_do_not_multiply() -> None:
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 12))
    text = read(f"name: a\ndescription: b\nl0: &l0 lol\n{levels}")
    assert len(str(text.extras)) < 4000


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        pytest.param(b"", "skill_no_frontmatter", id="empty"),
        pytest.param(b"# Only text\n", "skill_no_frontmatter", id="no-frontmatter"),
        pytest.param(b"---\nname: a\ndescription: b\n", "skill_no_frontmatter", id="not-closed"),
        pytest.param(b"---\nname: a\n---\n# Only a title\n", "skill_no_description", id="no-description"),
        pytest.param(b"---\nname: \xff\n---\n", "skill_not_utf8", id="not-utf8"),
        pytest.param("---\nname: a\n---\n".encode("utf-16"), "skill_not_utf8", id="utf16"),
        pytest.param(PLAIN + b"x" * MAX_BYTES, "skill_text_too_big", id="too-big"),
        pytest.param(
            b"---\nx: " + b"y" * 70000 + b"\n---\nBody.", "skill_text_too_big", id="long-frontmatter"
        ),
    ],
)
def test_refused_with_a_code_and_a_way_out(raw: bytes, code: str) -> None:
    with pytest.raises(SkillError) as refused:
        parse(raw)
    assert refused.value.code == code
    assert refused.value.message and refused.value.fix


LINES = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.sampled_from(
            [
                "---",
                "name: a",
                "description: b",
                "x: [",
                "x: {a: *b}",
                "? [a]: b",
                "- a",
                "a:",
                "  b: &c d",
                "%YAML 9",
                "x: !!int z",
            ]
        ),
        st.builds("{}: {}".format, st.text(max_size=12), st.text(max_size=30)),
    ),
    max_size=12,
)


@given(
    LINES.map(lambda lines: ("---\n" + "\n".join(lines) + "\n---\nBody.").encode("utf-8", "surrogatepass"))
)
@settings(deadline=None)
@example(b'---\ndescription: "\\ud800\\0"\n---\n')
@example(b'---\nx: "\\ud800\\0"\n---\nBody.')
@example(b'---\nx: "\\UFFFFFFFF"\n---\nBody.')
@example(b"---\nx: " + b"[" * 20000 + b"\n---\nBody.")
@example(b"---\n" + b"".join(b" " * n + b"a:\n" for n in range(300)) + b"---\nBody.")
def test_whatever_it_holds_it_is_read_or_refused(raw: bytes) -> None:
    try:
        text = parse(raw)
    except SkillError:
        return
    shown = f"{text.name}{text.description}{text.argument_hint}{text.metadata}{text.body}"
    shown += "".join(f"{key}{value}" for key, value in text.extras.items())
    assert "\0" not in shown
    shown.encode()


@given(st.binary(max_size=300))
def test_any_bytes(raw: bytes) -> None:
    try:
        parse(raw)
    except SkillError as refused:
        assert refused.code.startswith("skill_")
